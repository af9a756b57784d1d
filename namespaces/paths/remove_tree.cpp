// Removes a directory and everything in it, while others may change it.
#include "namespaces/paths/remove_tree.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <optional>
#include <string>
#include <utility>

#include "namespaces/paths/inode_flags.hpp"
#include "namespaces/paths/walk_tree.hpp"

namespace podrun::ns {
namespace {

/// How often one directory in which new entries appear is emptied, and all directories together. A process that makes
/// them faster than that must be stopped first, and the removal be tried again.
constexpr unsigned most_passes = 10, most_passes_in_total = 1000;

/// unlinkat(2), also of an entry that is immutable or in an immutable directory. Returns 0 or an errno.
int unlink_entry(int directory, const char* name, int flags) {
  if (::unlinkat(directory, name, flags) == 0) return 0;
  if (errno != EPERM) return errno;
  const bool above = clear_protection(directory), itself = clear_protection(directory, name);
  if (!above && !itself) return EPERM;
  return ::unlinkat(directory, name, flags) == 0 ? 0 : errno;
}

/// Opens a directory in order to empty it.
Result<Fd> open_to_empty(int directory, const char* name) {
  Fd opened = TRY(open_unmounted(directory, name));
  struct stat status {};
  if (::fstat(opened.get(), &status) == 0) make_writable_subvolume(opened.get(), status.st_ino);
  return opened;
}

/// Removes an entry, or opens it if it is a directory. Its type may have changed since readdir(3) reported it.
Result<Fd> remove_or_open(const TreeEntry& entry) {
  bool is_directory = entry.type == DT_DIR;
  for (unsigned tries = 0; tries < most_passes; ++tries) {
    if (is_directory) {
      auto opened = open_to_empty(entry.directory, entry.name);
      if (opened || (opened.error().number != ENOTDIR && opened.error().number != ELOOP)) return opened;
    }
    const int error = unlink_entry(entry.directory, entry.name, 0);
    if (error == 0) return Fd();
    if (error != EISDIR && (error != EPERM || is_directory)) return fail_system(entry.name, error);
    is_directory = true;
  }
  return fail_system(entry.name, EAGAIN);
}

/// Empties a directory, and goes on after an entry that cannot be removed.
class DirectoryEmptier {
 public:
  Result<> run(Fd top) {
    TRY_VOID(
        walk_tree(std::move(top), {.arrive = [this](const TreeEntry& entry) { return enter(entry); },
                                   .leave = [this](const TreeEntry& entry) { return needs_another_pass(entry); }}));
    return failure_ ? std::unexpected(*failure_) : Result<>{};
  }

 private:
  Result<Fd> enter(const TreeEntry& entry) {
    auto entered = remove_or_open(entry);
    if (!entered) record_failure(entered.error());
    return entered ? std::move(*entered) : Fd();
  }
  Result<bool> needs_another_pass(const TreeEntry& entry) {
    const int error = unlink_entry(entry.directory, entry.name, AT_REMOVEDIR);
    const bool has_changed = error == ENOTEMPTY || error == ENOTDIR;
    if (has_changed && !failure_ && entry.times < most_passes && ++passes_ < most_passes_in_total) return true;
    if (error != 0) record_failure(Error::system(entry.name, error));
    return false;
  }
  void record_failure(const Error& error) {
    if (error.number != ENOENT && !failure_) failure_ = error;
  }

  std::optional<Error> failure_;  // the first
  unsigned passes_ = 0;
};

/// Opens the uppermost directory, which may itself be a mount point.
Result<Fd> open_uppermost(int directory, const std::string& name) {
  Fd top(::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!top) return fail_system(name);
  struct stat status {};
  if (::fstat(top.get(), &status) == 0) make_writable_subvolume(top.get(), status.st_ino);
  return top;
}

}  // namespace

Result<> remove_tree(int directory, const std::string& name) {
  for (unsigned times = 1;; ++times) {
    auto top = open_uppermost(directory, name);
    if (!top) return top.error().number == ENOENT ? Result<>{} : std::unexpected(top.error());
    if (auto emptied = DirectoryEmptier().run(std::move(*top)); !emptied)
      return fail("remove " + name + ": " + emptied.error().message, emptied.error().number);
    const int error = unlink_entry(directory, name.c_str(), AT_REMOVEDIR);
    if (error == 0 || error == ENOENT) return {};
    if (error != ENOTEMPTY || times == most_passes) return fail_system(name, error);
  }
}

Result<> remove_tree(const std::string& path) { return remove_tree(AT_FDCWD, path); }

}  // namespace podrun::ns

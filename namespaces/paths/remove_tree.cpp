// Removes a directory and everything in it, whoever works in it at the same time.
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

/// How often a directory is emptied in which new entries appear meanwhile, and all directories together. Whoever makes
/// them faster than that must be stopped first; then it is tried again.
constexpr unsigned most_times = 10, most_times_together = 1000;

/// unlinkat(2), also of what is immutable or lies in an immutable directory; errno or 0.
int unlink_entry(int directory, const char* name, int flags) {
  if (::unlinkat(directory, name, flags) == 0) return 0;
  if (errno != EPERM) return errno;
  const bool above = clear_protection(directory), itself = clear_protection(directory, name);
  if (!above && !itself) return EPERM;
  return ::unlinkat(directory, name, flags) == 0 ? 0 : errno;
}

/// Opens a directory that is to be emptied.
Result<Fd> open_to_empty(int directory, const char* name) {
  Fd opened = TRY(open_unmounted(directory, name));
  struct stat status {};
  if (::fstat(opened.get(), &status) == 0) make_writable_subvolume(opened.get(), status.st_ino);
  return opened;
}

/// An entry whose type is what readdir(3) said, or another one by now.
Result<Fd> arrive(const TreeEntry& entry) {
  bool is_directory = entry.type == DT_DIR;
  for (unsigned tries = 0; tries < most_times; ++tries) {
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

/// What could not be removed keeps nothing else.
class Emptying {
 public:
  Result<> run(Fd top) {
    TRY_VOID(walk_tree(std::move(top), {.arrive = [this](const TreeEntry& entry) { return enter(entry); },
                                        .leave = [this](const TreeEntry& entry) { return is_to_come_again(entry); }}));
    return failure_ ? std::unexpected(*failure_) : Result<>{};
  }

 private:
  Result<Fd> enter(const TreeEntry& entry) {
    auto entered = arrive(entry);
    if (!entered) note(entered.error());
    return entered ? std::move(*entered) : Fd();
  }
  Result<bool> is_to_come_again(const TreeEntry& entry) {
    const int error = unlink_entry(entry.directory, entry.name, AT_REMOVEDIR);
    const bool has_changed = error == ENOTEMPTY || error == ENOTDIR;
    if (has_changed && !failure_ && entry.times < most_times && ++times_ < most_times_together) return true;
    if (error != 0) note(Error::system(entry.name, error));
    return false;
  }
  void note(const Error& error) {
    if (error.number != ENOENT && !failure_) failure_ = error;
  }

  std::optional<Error> failure_;  // the first
  unsigned times_ = 0;
};

/// Of a directory that may itself be where another file system is mounted.
Result<Fd> open_top(int directory, const std::string& name) {
  Fd top(::openat(directory, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!top) return fail_system(name);
  struct stat status {};
  if (::fstat(top.get(), &status) == 0) make_writable_subvolume(top.get(), status.st_ino);
  return top;
}

}  // namespace

Result<> remove_tree(int directory, const std::string& name) {
  for (unsigned times = 1;; ++times) {
    auto top = open_top(directory, name);
    if (!top) return top.error().number == ENOENT ? Result<>{} : std::unexpected(top.error());
    if (auto emptied = Emptying().run(std::move(*top)); !emptied)
      return fail("remove " + name + ": " + emptied.error().message, emptied.error().number);
    const int error = unlink_entry(directory, name.c_str(), AT_REMOVEDIR);
    if (error == 0 || error == ENOENT) return {};
    if (error != ENOTEMPTY || times == most_times) return fail_system(name, error);
  }
}

Result<> remove_tree(const std::string& path) { return remove_tree(AT_FDCWD, path); }

}  // namespace podrun::ns

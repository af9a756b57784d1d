// fsGroup: a volume, and everything in it, for a group.
#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "namespaces/fd.hpp"
#include "namespaces/volumes.hpp"

namespace podrun::ns {
namespace {

// As the kubelet's.
constexpr mode_t of_a_file = 0660, of_a_directory = 02770;

/// A container of an earlier pod may have made the volume deeper than we may hold descriptors open.
constexpr int deepest = 500;

struct Walk {
  gid_t group;
  dev_t device;
};

/// By a descriptor that was opened without following a link, so that a neighbour who swaps names meanwhile gains nothing.
Result<> give(const Fd& fd, const struct stat& status, gid_t group) {
  if (::fchownat(fd.get(), "", static_cast<uid_t>(-1), group, AT_EMPTY_PATH) < 0) return fail_system("change its group");
  if (S_ISLNK(status.st_mode)) return {};
  const mode_t mode = (status.st_mode & 07777) | (S_ISDIR(status.st_mode) ? of_a_directory : of_a_file);
  // fchmod(2) takes no O_PATH, and to open a FIFO or a device may do something.
  if (::chmod(fmt::format("/proc/self/fd/{}", fd.get()).c_str(), mode) < 0) return fail_system("change its mode");
  return {};
}

Result<> give_entry(const Walk& walk, int parent, const char* name, int depth);

Result<> give_contents(const Walk& walk, const Fd& directory, int depth) {
  if (depth == deepest) return fail(fmt::format("deeper than {} directories", deepest), ELOOP);
  const int readable = ::openat(directory.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (readable < 0) return fail_system("read it");
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(readable), &::closedir);
  if (!stream) return fail_system("fdopendir");
  while (const dirent* entry = ::readdir(stream.get())) {
    const std::string_view name = entry->d_name;
    if (name != "." && name != "..") TRY_VOID(give_entry(walk, readable, entry->d_name, depth));
  }
  return {};
}

Result<> give_entry(const Walk& walk, int parent, const char* name, int depth) {
  const Fd entry(::openat(parent, name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!entry) return errno == ENOENT ? Result<>{} : fail_system(name);
  struct stat status{};
  if (::fstat(entry.get(), &status) < 0) return fail_system(name);
  if (status.st_dev != walk.device) return {};
  TRY_VOID(give(entry, status, walk.group));
  return S_ISDIR(status.st_mode) ? give_contents(walk, entry, depth + 1) : Result<>{};
}

}  // namespace

Result<> perform(const pod::file::GiveToGroup& step) {
  const Fd top(::open(step.path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  struct stat status{};
  if (!top || ::fstat(top.get(), &status) < 0) return fail_system(step.path);
  const bool has_it = status.st_gid == step.group && (status.st_mode & of_a_directory) == of_a_directory;
  if (has_it && step.unless_root_has_it) return {};
  // The root last: it tells a later start that the walk has come to its end.
  const Walk walk{.group = step.group, .device = status.st_dev};
  auto given = give_contents(walk, top, 0);
  if (given) given = give(top, status, step.group);
  if (!given) return fail(fmt::format("{}: {}", step.path, given.error().message), given.error().number);
  return {};
}

}  // namespace podrun::ns

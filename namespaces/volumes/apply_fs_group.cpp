// fsGroup: gives a volume and everything in it to a group.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>

#include <fmt/format.h>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/paths/walk_tree.hpp"
#include "namespaces/volumes/file_steps.hpp"

namespace podrun::ns {
namespace {

// The kubelet sets the same bits.
constexpr mode_t file_bits = 0660, directory_bits = 02770;

/// Changes group and mode by a descriptor that was opened without following a link, so that a process that swaps names
/// meanwhile gains nothing.
Result<> set_group_and_mode(const Fd& fd, mode_t mode, gid_t group) {
  if (::fchownat(fd.get(), "", static_cast<uid_t>(-1), group, AT_EMPTY_PATH) < 0)
    return fail_system("change its group");
  if (S_ISLNK(mode)) return {};
  const mode_t result = (mode & 07777) | (S_ISDIR(mode) ? directory_bits : file_bits);
  // fchmod(2) does not take an O_PATH descriptor, and opening a FIFO or a device may have effects.
  if (::chmod(fmt::format("/proc/self/fd/{}", fd.get()).c_str(), result) < 0) return fail_system("change its mode");
  return {};
}

/// Whether the entry is protected against every change. Such an entry, made by another pod, stays as it is and stops no
/// start.
bool is_protected(const struct statx& status, int error) {
  const bool is_fixed = (status.stx_attributes & (STATX_ATTR_IMMUTABLE | STATX_ATTR_APPEND)) != 0;
  return error == EROFS || (error == EPERM && is_fixed);  // EROFS: a btrfs subvolume that is read-only
}

struct statx status_of(const Fd& place) {
  struct statx status {};
  ::statx(place.get(), "", AT_EMPTY_PATH, STATX_TYPE | STATX_MODE | STATX_GID, &status);
  return status;
}

Result<> change_group_unless_protected(const Fd& place, const struct statx& status, gid_t group) {
  auto result = set_group_and_mode(place, status.stx_mode, group);
  return !result && is_protected(status, result.error().number) ? Result<>{} : result;
}

/// Changes an entry; it is no error if it is gone. Returns a directory, opened for reading.
Result<Fd> change_entry_group(const TreeEntry& entry, gid_t group) {
  const Fd place(::openat(entry.directory, entry.name, O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!place) return errno == ENOENT ? Result<Fd>{} : fail_system(entry.name);
  const struct statx status = status_of(place);
  if ((status.stx_attributes & STATX_ATTR_MOUNT_ROOT) != 0) return {};
  if (const auto result = change_group_unless_protected(place, status, group); !result)
    return fail(fmt::format("{}: {}", entry.name, result.error().message), result.error().number);
  if (!S_ISDIR(status.stx_mode)) return {};
  Fd directory(::openat(place.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory && errno != ENOENT) return fail_system(entry.name);
  return directory;
}

}  // namespace

Result<> perform(const pod::file::GiveToGroup& step) {
  const Fd top(::open(step.path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!top) return fail_system(step.path);
  const struct statx status = status_of(top);
  const bool has_it = status.stx_gid == step.group && (status.stx_mode & directory_bits) == directory_bits;
  if (has_it && step.unless_root_has_it) return {};
  Fd entries(::openat(top.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!entries) return fail_system(step.path);
  // The root of the volume comes last: its group tells a later start that the walk was completed.
  auto result = walk_tree(std::move(entries),
                          {.arrive = [&](const TreeEntry& entry) { return change_entry_group(entry, step.group); }});
  if (result) result = change_group_unless_protected(top, status, step.group);
  if (!result) return fail(fmt::format("{}: {}", step.path, result.error().message), result.error().number);
  return {};
}

}  // namespace podrun::ns

// The child steps that decide what the process sees: namespaces, mounts, root.
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cerrno>

#include "namespaces/child/apply.hpp"
#include "namespaces/child/mount_target.hpp"
#include "namespaces/kernel/mount_point.hpp"
#include "namespaces/kernel/namespace_kinds.hpp"
#include "namespaces/kernel/new_mount.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/paths/open_inside.hpp"

namespace podrun::ns {
namespace {

constexpr unsigned hardened = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;

/// Attaches a detached mount at a descriptor and closes that descriptor. Returns 0 or an errno.
int attach(int tree, int target) noexcept {
  if (tree < 0 || target < 0) return errno;
  const int error = sys::move_mount(tree, target) < 0 ? errno : 0;
  ::close(target);
  return error;
}

int attach_directory(int root, const char* path, int tree) noexcept {
  return tree < 0 ? errno : attach(tree, open_target(root, path, TargetKind::Directory));
}

/// A detached bind mount of what a descriptor refers to.
int clone_of(int existing) noexcept { return sys::open_tree(existing, "", AT_EMPTY_PATH | OPEN_TREE_CLONE); }

/// A detached bind mount of what is at `path` inside the root.
int clone_inside(int root, const char* path) noexcept {
  const int existing = open_existing(root, path);
  if (existing < 0) return -1;
  const int tree = clone_of(existing);
  const int error = errno;
  ::close(existing);
  errno = error;
  return tree;
}

int set_attributes(int tree, unsigned attributes, unsigned flags = 0) noexcept {
  mount_attr wanted{};
  wanted.attr_set = attributes;
  return sys::mount_setattr(tree, flags, wanted) < 0 ? errno : 0;
}

bool is_directory(int fd) noexcept {
  struct stat status;
  return ::fstat(fd, &status) == 0 && S_ISDIR(status.st_mode);
}

/// Moves what is mounted at `from` with move_mount(2), if anything is. Returns 0 or an errno.
int move_aside(const char* from, const char* to) noexcept {
  constexpr int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
  const int source = ::open(from, flags), target = ::open(to, flags);
  const int error = source < 0 || target < 0 || sys::move_mount(source, target) < 0 ? errno : 0;
  ::close(source);
  ::close(target);
  // EINVAL: no mount begins there, because an earlier start got no further than the directory.
  return error == EINVAL ? 0 : error;
}

int make_devices(int dev, const pod::step::MountDev& step) noexcept {
  const mode_t umask = ::umask(0);
  int error = 0;
  for (const auto& node : step.nodes)
    if (::mknodat(dev, node.name.c_str(), S_IFCHR | 0666, ::makedev(node.major, node.minor)) < 0) error = errno;
  ::umask(umask);
  for (const auto& [name, target] : step.links)
    if (::symlinkat(target.c_str(), dev, name.c_str()) < 0) error = errno;
  return error;
}

}  // namespace

int apply(const pod::step::EnterNamespaces& step, const ChildContext& context) noexcept {
  int flags = 0;
  for (const pod::NamespaceKind kind : step.kinds) flags |= clone_flag(kind);
  flags &= ~context.entered_later;
  if (flags == 0) return 0;
  return ::setns(context.descriptors[step.of], flags) < 0 ? errno : 0;
}

int apply(const pod::step::SetAsideOldRoot& step, const ChildContext& context) noexcept {
  const int cells = context.descriptors[step.cells];
  if (::mkdirat(cells, step.cell.c_str(), 0755) == 0) return 0;  // the first instance: there is no old root
  if (errno != EEXIST || ::fchdir(cells) < 0) return errno;
  if (::mkdir(step.aside.c_str(), 0755) < 0) {
    if (errno != EEXIST) return errno;
    // What was set aside there is the root of the instance before the previous one.
    if (const int error = unmount_all(step.aside.c_str()); error != 0) return error;
  }
  return move_aside(step.cell.c_str(), step.aside.c_str());
}

int apply(const pod::step::AttachRoot& step, const ChildContext& context) noexcept {
  const int cell = ::openat(context.descriptors[step.cells], step.cell.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  return attach(context.descriptors[step.root], cell);
}

int apply(const pod::step::OwnMounts& step, const ChildContext& context) noexcept {
  if (::unshare(CLONE_NEWNS) < 0 || ::umount2("/c", MNT_DETACH | UMOUNT_NOFOLLOW) < 0) return errno;
  const int cells = ::open("/c", O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (cells < 0 || ::dup3(cells, context.descriptors[step.cells], O_CLOEXEC) < 0) return errno;
  return ::close(cells) < 0 ? errno : 0;
}

int apply(const pod::step::AttachOwnRoot& step, const ChildContext& context) noexcept {
  return attach(context.descriptors[step.root], ::open("/c", O_PATH | O_DIRECTORY | O_CLOEXEC));
}

int apply(const pod::step::MountProc& step, const ChildContext& context) noexcept {
  // The mount itself is read-only: so EROFS applies to every descriptor of it, also when the masks on top are gone.
  const unsigned attributes = hardened | (step.read_only ? MOUNT_ATTR_RDONLY : 0);
  return attach_directory(context.descriptors[step.root], step.path.c_str(), new_mount("proc", attributes));
}

int apply(const pod::step::MountSys& step, const ChildContext& context) noexcept {
  const int sys = new_mount("sysfs", hardened | (step.read_only ? MOUNT_ATTR_RDONLY : 0));
  return attach_directory(context.descriptors[step.root], step.path.c_str(), sys);
}

int apply(const pod::step::MountDev& step, const ChildContext& context) noexcept {
  constexpr MountOption options[] = {{"mode", "755"}, {"size", "64k"}};
  const int dev = new_mount("tmpfs", MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC, options);
  if (dev < 0) return errno;
  if (const int error = make_devices(dev, step)) return error;
  return attach_directory(context.descriptors[step.root], step.path.c_str(), dev);
}

int apply(const pod::step::MountPts& step, const ChildContext& context) noexcept {
  return attach_directory(context.descriptors[step.root], step.path.c_str(), new_devpts());
}

int apply(const pod::step::MountMqueue& step, const ChildContext& context) noexcept {
  return attach_directory(context.descriptors[step.root], step.path.c_str(), new_mount("mqueue", hardened));
}

int apply(const pod::step::BindFromPod& step, const ChildContext& context) noexcept {
  const int tree = sys::open_tree(context.descriptors[step.cells], step.source.c_str(), OPEN_TREE_CLONE);
  if (tree >= 0 && step.read_only)
    if (const int error = set_attributes(tree, MOUNT_ATTR_RDONLY)) return error;
  return attach_directory(context.descriptors[step.root], step.path.c_str(), tree);
}

int apply(const pod::step::AttachTree& step, const ChildContext& context) noexcept {
  const int tree = context.descriptors[step.tree];
  if (step.read_only)
    if (const int error = set_attributes(tree, MOUNT_ATTR_RDONLY, step.recursive ? AT_RECURSIVE : 0)) return error;
  const TargetKind kind = is_directory(tree) ? TargetKind::Directory : TargetKind::File;
  return attach(tree, open_target(context.descriptors[step.root], step.path.c_str(), kind));
}

int apply(const pod::step::MaskPath& step, const ChildContext& context) noexcept {
  const int root = context.descriptors[step.root];
  const int target = open_existing(root, step.path.c_str());
  if (target < 0) return errno;
  constexpr MountOption options[] = {{"mode", "555"}, {"size", "4k"}};
  const int mask = is_directory(target) ? new_mount("tmpfs", hardened | MOUNT_ATTR_RDONLY, options)
                                        : clone_inside(root, "dev/null");
  return attach(mask, target);
}

int apply(const pod::step::ReadOnlyPath& step, const ChildContext& context) noexcept {
  const int existing = open_existing(context.descriptors[step.root], step.path.c_str());
  if (existing < 0) return errno;
  const int tree = clone_of(existing);
  if (tree < 0) return errno;
  if (const int error = set_attributes(tree, hardened | MOUNT_ATTR_RDONLY)) return error;
  return attach(tree, existing);
}

int apply(const pod::step::WritablePath& step, const ChildContext& context) noexcept {
  const int place = open_target(context.descriptors[step.root], step.path.c_str(), TargetKind::Directory);
  return place < 0 ? errno : attach(clone_of(place), place);
}

int apply(const pod::step::ReadOnlyRoot& step, const ChildContext& context) noexcept {
  return set_attributes(context.descriptors[step.root], MOUNT_ATTR_RDONLY);
}

int apply(const pod::step::Chroot& step, const ChildContext& context) noexcept {
  if (::fchdir(context.descriptors[step.root]) < 0) return errno;
  if (::chroot(".") < 0) return errno;
  return ::chdir("/") < 0 ? errno : 0;
}

int apply(const pod::step::PivotRoot& step, const ChildContext& context) noexcept {
  if (::fchdir(context.descriptors[step.root]) < 0) return errno;
  // The old root is stacked on the new one, at ".": so no directory of the image is needed for it.
  if (::syscall(SYS_pivot_root, ".", ".") < 0) return errno;
  if (::umount2(".", MNT_DETACH) < 0) return errno;
  return ::chdir("/") < 0 ? errno : 0;
}

int apply(const pod::step::WorkingDirectory& step, const ChildContext&) noexcept {
  // Not by chdir(2), which would follow /proc/self/fd/N to a directory of the host (CVE-2024-21626).
  const int root = ::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
  // An existing directory may be reached through any link that the container itself could follow. A missing one is not
  // made through the links of a volume.
  int directory = root < 0 ? -1 : open_inside(root, step.path.c_str(), O_PATH | O_DIRECTORY);
  if (root >= 0 && directory < 0 && errno == ENOENT)
    directory = open_target(root, step.path.c_str(), TargetKind::Directory);
  return directory < 0 || ::fchdir(directory) < 0 ? errno : 0;
}

}  // namespace podrun::ns

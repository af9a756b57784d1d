// Detached mounts, made in the host's mount namespace and carried into the pod as descriptors.
#include "namespaces/volumes/mounts.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <functional>

#include <fmt/format.h>

#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/process.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/paths/host_path.hpp"
#include "namespaces/paths/regular_file.hpp"
#include "namespaces/paths/sub_path.hpp"
#include "namespaces/volumes/overlay.hpp"
#include "pod/plan/enum_names.hpp"

namespace podrun::ns {
namespace {

constexpr std::size_t longest_mountinfo = 16 << 20;

/// A mount that is made in the pod must not appear on a host whose / is shared, unless the manifest asks for that.
std::uint64_t propagation_type(pod::MountPropagation propagation) {
  switch (propagation) {
    case pod::MountPropagation::None: return MS_PRIVATE;
    case pod::MountPropagation::HostToContainer: return MS_SLAVE;
    case pod::MountPropagation::Bidirectional: return MS_SHARED;
  }
  __builtin_unreachable();
}

Result<> set_attributes(const pod::host::CloneTree& step, int tree) {
  mount_attr attributes{};
  attributes.propagation = propagation_type(step.propagation);
  if (step.devices == pod::host::Devices::Refused) attributes.attr_set |= MOUNT_ATTR_NODEV;
  if (step.devices == pod::host::Devices::Usable) attributes.attr_clr |= MOUNT_ATTR_NODEV;
  if (step.no_exec) attributes.attr_set |= MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOSUID;
  if (sys::mount_setattr(tree, AT_RECURSIVE, attributes) < 0) return fail_system(step.source + ": mount_setattr");
  return {};
}

Result<Fd> clone_mounts_at(const pod::host::CloneTree& step, int place) {
  Fd part;
  if (!step.sub_path.empty()) {
    auto opened = open_sub_path(place, step.sub_path, step.make_sub_path);
    if (!opened) return fail("subPath " + opened.error().message, opened.error().number);
    part = std::move(*opened);
  }
  Fd tree(sys::open_tree(part ? part.get() : place, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | AT_RECURSIVE));
  if (!tree) return fail_system(step.source);
  TRY_VOID(set_attributes(step, tree.get()));
  return tree;
}

/// Runs in a child, because it enters the pod's mount namespace.
Result<Fd> clone_in_pod(const pod::host::CloneTree& step, const PodMounts& pod) {
  if (::setns(pod.pause, CLONE_NEWNS) < 0) return fail_system("enter the pod's mount namespace");
  const std::string path = fmt::format("{}/{}", pod::memory_volumes, step.source);
  const Fd place(::openat(pod.cells, path.c_str(), O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!place) return fail_system(path);
  return clone_mounts_at(step, place.get());
}

/// Runs in a child: only what is attached can be cloned, and it is attached in a namespace of the child. The uppermost
/// layer is as good a place as any.
Result<Fd> clone_image(const pod::host::CloneTree& step) {
  TRY_VOID(enter_own_mount_namespace());
  const Fd place = TRY(attach_image(step, step.source));
  return clone_mounts_at(step, place.get());
}

/// Runs in a child, because only a process in a mount's namespace may clone it. The container may have put anything
/// there.
Result<Fd> clone_proc_of(const pod::host::CloneProc& step, int owner, int root) {
  if (::setns(owner, CLONE_NEWNS) < 0) return fail_system("enter its mount namespace");
  const Fd place(sys::openat2(root, "proc", O_PATH | O_DIRECTORY, RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS));
  struct statfs status{};
  if (!place || ::fstatfs(place.get(), &status) < 0) return fail_system("/proc");
  // This process is in the host's PID namespace, so a proc(5) that a container may have does not show it.
  char self[16];
  const bool has_us = ::readlinkat(place.get(), "self", self, sizeof self) >= 0 || errno != ENOENT;
  if (status.f_type != PROC_SUPER_MAGIC || has_us) return fail("/proc: belongs to another PID namespace", EXDEV);
  Fd tree(sys::open_tree(place.get(), "", AT_EMPTY_PATH | OPEN_TREE_CLONE));
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
  if (!step.read_only) attributes.attr_clr = MOUNT_ATTR_RDONLY;  // AttachTree sets the flag
  attributes.propagation = MS_PRIVATE;
  if (!tree || sys::mount_setattr(tree.get(), 0, attributes) < 0) return fail_system("/proc");
  return tree;
}

/// The line of a mount in mountinfo up to its optional fields, proc_pid_mountinfo(5): "… shared:1 master:2".
Result<std::string> propagation_fields_of(int place) {
  struct statx status{};
  if (::statx(place, "", AT_EMPTY_PATH, STATX_MNT_ID, &status) < 0) return fail_system("statx");
  const std::string text = "\n" + TRY(read_file("/proc/self/mountinfo", longest_mountinfo));
  const std::size_t line = text.find(fmt::format("\n{} ", status.stx_mnt_id));
  if (line == text.npos) return fail("its mount is not in mountinfo");
  const std::size_t end = text.find(" - ", line);
  return text.substr(line, end - line);
}

/// Checks that mounts can propagate as asked: otherwise the mount would be made, and nothing would ever propagate.
Result<> check_propagation(const pod::host::CloneTree& step, int place) {
  if (step.propagation == pod::MountPropagation::None) return {};
  const std::string fields = TRY(propagation_fields_of(place));
  const bool is_shared = fields.find(" shared:") != fields.npos, is_slave = fields.find(" master:") != fields.npos;
  const bool to_host = step.propagation == pod::MountPropagation::Bidirectional;
  if (is_shared || (is_slave && !to_host)) return {};
  return fail(fmt::format("{}: mountPropagation {} needs a mount of the host that is shared, and this one is private: "
                          "mount --make-shared",
                          step.source, pod::name_of(step.propagation)),
              EINVAL);
}

/// Opens a regular file for writing, and makes it if it is missing.
Result<Fd> open_or_make_file(const std::string& path) {
  const Fd place(sys::openat2(AT_FDCWD, path.c_str(), O_PATH | O_NOFOLLOW, RESOLVE_NO_SYMLINKS));
  if (place) {
    auto file = open_regular(place, O_WRONLY);
    if (!file) return fail(fmt::format("{}: {}", path, file.error().message), file.error().number);
    return file;
  }
  Fd file(errno == ENOENT ? sys::openat2(AT_FDCWD, path.c_str(), O_WRONLY | O_CREAT | O_EXCL, RESOLVE_NO_SYMLINKS, 0600)
                          : -1);
  if (!file) return fail_system(path);
  return file;
}

}  // namespace

std::string propagation_fault(const std::string& path, pod::MountPropagation propagation) {
  const Fd place(sys::openat2(AT_FDCWD, path.c_str(), O_PATH, RESOLVE_NO_SYMLINKS));
  if (!place) return "";
  const auto checked = check_propagation({.to = {}, .source = path, .propagation = propagation}, place.get());
  return checked ? "" : checked.error().message;
}

Result<Fd> clone_tree(const pod::host::CloneTree& step, const PodMounts& pod) {
  const auto in_child = [&](const std::function<Result<Fd>()>& clone) {
    return fd_from_child(step.sub_path.empty() ? step.label : fmt::format("{}: its {}", step.label, step.sub_path),
                         clone);
  };
  // Only a process in the mount's namespace may clone it.
  if (step.in_memory) return in_child([&] { return clone_in_pod(step, pod); });
  if (!step.layers.empty()) {
    // A missing layer is reported here, because only an errno comes back from the child.
    if (const auto there = open_layers(step.layers); !there) return std::unexpected(there.error());
    return in_child([&] { return clone_image(step); });
  }
  // A container may be able to write to a directory on the way, through another volume.
  const Fd place = TRY(open_resolved(step.source, O_PATH));
  TRY_VOID(check_propagation(step, place.get()));
  return clone_mounts_at(step, place.get());
}

Result<Fd> clone_proc(const pod::host::CloneProc& step, int owner) {
  const auto pid = pid_of(owner);
  const Fd root(pid ? ::open(fmt::format("/proc/{}/root", *pid).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC) : -1);
  if (!root) return fail(fmt::format("container {} is ending", step.container), ESRCH);
  auto proc =
      fd_from_child(fmt::format("proc of {}", step.container), [&] { return clone_proc_of(step, owner, root.get()); });
  if (!proc && proc.error().number == ESRCH) return fail(fmt::format("container {} is ending", step.container), ESRCH);
  return proc;
}

Result<Fd> make_message_file(const pod::host::MessageFile& step) {
  TRY_VOID(make_directories(step.path.substr(0, step.path.rfind('/')), 0700));
  // The same file is used again: the previous root still holds it, so that removing it would free nothing on a full
  // disk.
  const Fd file = TRY(open_or_make_file(step.path));
  if (::ftruncate(file.get(), 0) < 0 || ::fchmod(file.get(), 0666) < 0) return fail_system(step.path);
  Fd tree(sys::open_tree(file.get(), "", AT_EMPTY_PATH | OPEN_TREE_CLONE));
  if (!tree) return fail_system(step.path);
  mount_attr attributes{};
  attributes.attr_set = MOUNT_ATTR_NODEV | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC;
  attributes.propagation = MS_PRIVATE;
  if (sys::mount_setattr(tree.get(), 0, attributes) < 0) return fail_system(step.path + ": mount_setattr");
  return tree;
}

}  // namespace podrun::ns

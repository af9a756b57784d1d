// Detached mounts, made in the host's mount namespace and carried into the pod as descriptors.
#include "namespaces/volumes/mounts.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <fmt/format.h>

#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/process.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/paths/regular_file.hpp"
#include "namespaces/paths/remove_tree.hpp"
#include "namespaces/paths/sub_path.hpp"
#include "pod/plan/enum_names.hpp"

namespace podrun::ns {
namespace {

constexpr std::size_t longest_mountinfo = 16 << 20;

Result<Fd> open_without_links(const std::string& path, std::uint64_t flags) {
  Fd place(sys::openat2(AT_FDCWD, path.c_str(), flags, RESOLVE_NO_SYMLINKS));
  if (!place && errno == ELOOP) return fail(path + ": a link has taken its place since the pod's start", ELOOP);
  if (!place) return fail_system(path);
  return place;
}

/// The paths of images and layers were resolved when the pod was loaded (load.hpp): a link that is there now was made
/// since, by a process that may write there.
Result<Fd> open_directory(const std::string& path) { return open_without_links(path, O_PATH | O_DIRECTORY); }

constexpr mode_t closed_root = 0700, container_root = 0755;

/// The container's root has the mode of the image's. A root with mode 0700, which keeps the host's other users from its
/// set-user-ID programs, becomes 0755: in the container every user needs access to it.
mode_t mode_of_root(mode_t image) {
  const mode_t mode = image & 07777;
  return mode == closed_root ? container_root : mode;
}

/// Makes `upper` and `work` below a directory. The upper one gets owner and mode of the image's root, because the
/// overlay's root shows them.
Result<std::pair<Fd, Fd>> make_layer(const std::string& directory, int image) {
  const std::string upper = directory + "/upper", work = directory + "/work";
  TRY_VOID(make_directories(work, 0700));
  TRY_VOID(make_directories(upper, 0700));
  struct stat root{};
  if (::fstat(image, &root) < 0) return fail_system("image root");
  if (::chown(upper.c_str(), root.st_uid, root.st_gid) < 0 || ::chmod(upper.c_str(), mode_of_root(root.st_mode)) < 0)
    return fail_system(upper);
  return std::pair{TRY(open_directory(upper)), TRY(open_directory(work))};
}

/// What the kernel wrote to the file-system context: why fsconfig(2) failed.
std::string kernel_message(int context) {
  char text[512];
  const ssize_t length = ::read(context, text, sizeof text);
  return length > 2 ? fmt::format(" ({})", std::string_view(text + 2, static_cast<std::size_t>(length - 2))) : "";
}

Result<Fd> mount_overlay(const std::vector<Fd>& layers, int upper, int work) {
  std::string lower;
  for (const Fd& layer : layers) lower += (lower.empty() ? "" : ":") + std::to_string(layer.get());
  if (::chdir("/proc/self/fd") < 0) return fail_system("/proc/self/fd");
  Fd context(sys::fsopen("overlay"));
  const bool made = context && sys::fsconfig_string(context.get(), "lowerdir", lower.c_str()) == 0 &&
                    sys::fsconfig_string(context.get(), "upperdir", std::to_string(upper).c_str()) == 0 &&
                    sys::fsconfig_string(context.get(), "workdir", std::to_string(work).c_str()) == 0 &&
                    sys::fsconfig_flag(context.get(), "volatile") == 0 && sys::fsconfig_create(context.get()) == 0;
  const int error = errno;
  if (::chdir("/") < 0) return fail_system("/");
  if (!made) return fail_system("overlay" + (context ? kernel_message(context.get()) : ""), error);
  Fd mount(sys::fsmount(context.get(), MOUNT_ATTR_NODEV));
  if (!mount) return fail_system("overlay: fsmount");
  return mount;
}

Result<std::vector<Fd>> open_layers(const std::vector<std::string>& paths) {
  std::vector<Fd> layers;
  for (const std::string& path : paths) layers.push_back(TRY(open_directory(path)));
  return layers;
}

// An overlay's writable layer cannot be on another overlay, and before Linux 6.15 not on a detached mount either. So a
// short-lived child mounts a tmpfs in a mount namespace of its own, makes the overlay there and sends it back. It opens
// the layers anew, because an overlay accepts none from another mount namespace.
Result<Fd> overlay_in_tmpfs(const std::vector<std::string>& paths, const std::string& directory) {
  if (::unshare(CLONE_NEWNS) < 0) return fail_system("unshare");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0) return fail_system("make / private");
  if (::mount("layer", directory.c_str(), "tmpfs", MS_NODEV, "mode=700") < 0) return fail_system("tmpfs");
  const std::vector<Fd> layers = TRY(open_layers(paths));
  const auto [upper, work] = TRY(make_layer(directory, layers.front().get()));
  return mount_overlay(layers, upper.get(), work.get());
}

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

Result<Fd> make_memory_overlay(const std::vector<std::string>& layers, const std::string& directory) {
  TRY_VOID(make_directories(directory, 0700));
  return fd_from_child("overlay in memory", [&] { return overlay_in_tmpfs(layers, directory); });
}

}  // namespace

std::string propagation_fault(const std::string& path, pod::MountPropagation propagation) {
  const Fd place(sys::openat2(AT_FDCWD, path.c_str(), O_PATH, RESOLVE_NO_SYMLINKS));
  if (!place) return "";
  const auto checked = check_propagation({.to = {}, .source = path, .propagation = propagation}, place.get());
  return checked ? "" : checked.error().message;
}

Result<Fd> make_overlay(const pod::host::OverlayRoot& step, int instance) {
  const std::string directory = fmt::format("{}/{}", step.directory, instance);
  // A supervisor that died in this launch may have left it; the kernel refuses to mount a volatile layer again.
  TRY_VOID(remove_tree(directory));
  switch (step.layer) {
    case pod::host::Layer::Memory:
      // A missing layer is reported here, because only an errno comes back from the child. The layers are closed again,
      // because in the child the numbers of all layers must fit in the 255 bytes of an option.
      if (const auto there = open_layers(step.layers); !there) return std::unexpected(there.error());
      return make_memory_overlay(step.layers, directory);
    case pod::host::Layer::Disk: break;
  }
  const std::vector<Fd> layers = TRY(open_layers(step.layers));
  const auto [upper, work] = TRY(make_layer(directory, layers.front().get()));
  return mount_overlay(layers, upper.get(), work.get());
}

Result<Fd> clone_tree(const pod::host::CloneTree& step, const PodMounts& pod) {
  // Only a process in the mount's namespace may clone it.
  if (step.in_memory)
    return fd_from_child(step.sub_path.empty() ? step.label : fmt::format("{}: its {}", step.label, step.sub_path),
                         [&] { return clone_in_pod(step, pod); });
  // A container may be able to write to a directory on the way, through another volume.
  const Fd place = TRY(open_without_links(step.source, O_PATH));
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

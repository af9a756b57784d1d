// Overlays: the roots of containers, and images as volumes.
#include "namespaces/volumes/overlay.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/paths/host_path.hpp"
#include "namespaces/paths/remove_tree.hpp"

namespace podrun::ns {
namespace {

/// The longest value of fsconfig(2).
constexpr std::size_t longest_option = 255;

/// The paths of images and layers were resolved when the pod was loaded (load.hpp): a link that is there now was made
/// since, by a process that may write there.
Result<Fd> open_directory(const std::string& path) { return open_resolved(path, O_PATH | O_DIRECTORY); }

constexpr mode_t closed_root = 0700, container_root = 0755;

/// The container's root has the mode of the image's. A root with mode 0700, which keeps the host's other users from its
/// set-user-ID programs, becomes 0755: in the container every user needs access to it.
mode_t mode_of_root(mode_t image) {
  const mode_t mode = image & 07777;
  return mode == closed_root ? container_root : mode;
}

/// Makes `upper` and `work` below a directory. The upper one gets owner and mode of the image's root, because the
/// overlay's root shows them.
Result<> make_writable(const std::string& directory, OverlayParts& parts) {
  const std::string upper = directory + "/upper", work = directory + "/work";
  TRY_VOID(make_directories(work, 0700));
  TRY_VOID(make_directories(upper, 0700));
  struct stat root{};
  if (::fstat(parts.layers.front().get(), &root) < 0) return fail_system("image root");
  if (::chown(upper.c_str(), root.st_uid, root.st_gid) < 0 || ::chmod(upper.c_str(), mode_of_root(root.st_mode)) < 0)
    return fail_system(upper);
  parts.upper = TRY(open_directory(upper));
  parts.work = TRY(open_directory(work));
  return {};
}

/// What the kernel wrote to the file-system context: why fsconfig(2) failed.
std::string kernel_message(int context) {
  char text[512];
  const ssize_t length = ::read(context, text, sizeof text);
  return length > 2 ? fmt::format(" ({})", std::string_view(text + 2, static_cast<std::size_t>(length - 2))) : "";
}

std::string numbers_of(const std::vector<Fd>& layers) {
  std::string numbers;
  for (const Fd& layer : layers) numbers += (numbers.empty() ? "" : ":") + std::to_string(layer.get());
  return numbers;
}

bool set_layers(int context, const std::vector<Fd>& layers) {
  const std::string all = numbers_of(layers);
  if (all.size() <= longest_option) return sys::fsconfig_string(context, "lowerdir", all.c_str()) == 0;
  for (const Fd& layer : layers)
    if (sys::fsconfig_string(context, "lowerdir+", std::to_string(layer.get()).c_str()) < 0) return false;
  return true;
}

bool set_options(int context, const OverlayParts& parts) {
  if (!set_layers(context, parts.layers)) return false;
  if (parts.user_xattr && sys::fsconfig_flag(context, "userxattr") < 0) return false;
  if (!parts.upper) return true;
  return sys::fsconfig_string(context, "upperdir", std::to_string(parts.upper.get()).c_str()) == 0 &&
         sys::fsconfig_string(context, "workdir", std::to_string(parts.work.get()).c_str()) == 0 &&
         sys::fsconfig_flag(context, "volatile") == 0;
}

std::string options_of(const OverlayParts& parts) {
  std::string options = "lowerdir=" + numbers_of(parts.layers);
  if (parts.user_xattr) options += ",userxattr";
  if (parts.upper) options += fmt::format(",upperdir={},workdir={},volatile", parts.upper.get(), parts.work.get());
  return options;
}

/// The paths of the options are the numbers of descriptors.
constexpr char descriptors[] = "/proc/self/fd";

/// Whether mount(2) may succeed where fsconfig(2) did not.
bool is_for_mount(const Result<Fd>& made, const OverlayParts& parts) {
  return !made && made.error().number == EINVAL && numbers_of(parts.layers).size() > longest_option;
}

Result<OverlayParts> open_parts(const pod::host::OverlayRoot& step) {
  return OverlayParts{.layers = TRY(open_layers(step.layers)), .user_xattr = step.user_xattr};
}

// An overlay's writable layer cannot be on another overlay, and before Linux 6.15 not on a detached mount either. So a
// short-lived child mounts a tmpfs in a mount namespace of its own, makes the overlay there and sends it back. It opens
// the layers anew, because an overlay accepts none from another mount namespace.
Result<Fd> overlay_in_tmpfs(const pod::host::OverlayRoot& step, const std::string& directory) {
  TRY_VOID(enter_own_mount_namespace());
  if (::mount("layer", directory.c_str(), "tmpfs", MS_NODEV, "mode=700") < 0) return fail_system("tmpfs");
  OverlayParts parts = TRY(open_parts(step));
  TRY_VOID(make_writable(directory, parts));
  auto made = overlay_by_fsconfig(parts);
  if (!is_for_mount(made, parts)) return made;
  TRY_VOID(make_directories(directory + "/root", 0700));
  return overlay_by_mount(parts, directory + "/root");
}

/// Runs in a child: the mount needs a place, which must not be one of the host.
Result<Fd> overlay_in_own_namespace(const pod::host::OverlayRoot& step, const std::string& directory) {
  TRY_VOID(enter_own_mount_namespace());
  OverlayParts parts = TRY(open_parts(step));
  TRY_VOID(make_writable(directory, parts));
  return overlay_by_mount(parts, directory);
}

}  // namespace

Result<> enter_own_mount_namespace() {
  if (::unshare(CLONE_NEWNS) < 0) return fail_system("unshare");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0) return fail_system("make / private");
  return {};
}

Result<std::vector<Fd>> open_layers(const std::vector<std::string>& paths) {
  std::vector<Fd> layers;
  for (const std::string& path : paths) layers.push_back(TRY(open_directory(path)));
  return layers;
}

Result<Fd> overlay_by_fsconfig(const OverlayParts& parts) {
  if (::chdir(descriptors) < 0) return fail_system(descriptors);
  Fd context(sys::fsopen("overlay"));
  const bool made = context && set_options(context.get(), parts) && sys::fsconfig_create(context.get()) == 0;
  const int error = errno;
  if (::chdir("/") < 0) return fail_system("/");
  if (!made) return fail_system("overlay" + (context ? kernel_message(context.get()) : ""), error);
  Fd mount(sys::fsmount(context.get(), MOUNT_ATTR_NODEV));
  if (!mount) return fail_system("overlay: fsmount");
  return mount;
}

Result<Fd> overlay_by_mount(const OverlayParts& parts, const std::string& place) {
  if (::chdir(descriptors) < 0) return fail_system(descriptors);
  const bool made = ::mount("overlay", place.c_str(), "overlay", MS_NODEV, options_of(parts).c_str()) == 0;
  const int error = errno;
  if (::chdir("/") < 0) return fail_system("/");
  if (!made) return fail_system("overlay", error);
  Fd tree(sys::open_tree(AT_FDCWD, place.c_str(), OPEN_TREE_CLONE | AT_SYMLINK_NOFOLLOW));
  if (!tree) return fail_system("overlay: open_tree");
  return tree;
}

Result<Fd> make_overlay(const pod::host::OverlayRoot& step, int instance) {
  const std::string directory = fmt::format("{}/{}", step.directory, instance);
  // A supervisor that died in this launch may have left it; the kernel refuses to mount a volatile layer again.
  TRY_VOID(remove_tree(directory));
  switch (step.layer) {
    case pod::host::Layer::Memory:
      // A missing layer is reported here, because only an errno comes back from the child. The layers are closed again:
      // the fewer numbers are open in the child, the more layers fit in the 255 bytes of an option.
      if (const auto there = open_layers(step.layers); !there) return std::unexpected(there.error());
      TRY_VOID(make_directories(directory, 0700));
      return fd_from_child("overlay in memory", [&] { return overlay_in_tmpfs(step, directory); });
    case pod::host::Layer::Disk: break;
  }
  OverlayParts parts = TRY(open_parts(step));
  TRY_VOID(make_writable(directory, parts));
  auto made = overlay_by_fsconfig(parts);
  if (!is_for_mount(made, parts)) return made;
  return fd_from_child("overlay", [&] { return overlay_in_own_namespace(step, directory); });
}

Result<Fd> attach_image(const pod::host::CloneTree& step, const std::string& scratch) {
  OverlayParts parts{.layers = TRY(open_layers(step.layers)), .user_xattr = step.user_xattr};
  if (::mount("image", scratch.c_str(), "tmpfs", MS_NODEV, "mode=700") < 0) return fail_system("tmpfs");
  const std::string below = scratch + "/below", at = scratch + "/at";
  TRY_VOID(make_directories(below, 0755));
  TRY_VOID(make_directories(at, 0755));
  // An overlay that is read-only has two layers or more. An empty one below the others changes nothing.
  parts.layers.push_back(TRY(open_directory(below)));
  auto made = overlay_by_fsconfig(parts);
  if (is_for_mount(made, parts)) made = overlay_by_mount(parts, at);
  const Fd target = TRY(open_directory(at));
  if (!made) return made;
  if (sys::move_mount(made->get(), target.get()) < 0) return fail_system("overlay: move_mount");
  return open_directory(at);
}

}  // namespace podrun::ns

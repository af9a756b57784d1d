// Detached mounts: made in the host's namespace, carried into the pod as descriptors.
#include "namespaces/mounts.hpp"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include <fmt/format.h>

#include "namespaces/fd_from_child.hpp"
#include "namespaces/files.hpp"
#include "namespaces/syscalls.hpp"

namespace podrun::ns {
namespace {

Result<Fd> open_directory(const std::string& path) {
  Fd directory(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!directory) return fail_system(path);
  return directory;
}

/// Makes `upper` and `work` below a directory; the upper one, which lends the root its attributes, looks like the image's.
Result<std::pair<Fd, Fd>> make_layer(const std::string& directory, int image) {
  const std::string upper = directory + "/upper", work = directory + "/work";
  TRY_VOID(make_directories(work, 0700));
  TRY_VOID(make_directories(upper, 0700));
  struct stat root{};
  if (::fstat(image, &root) < 0) return fail_system("image root");
  if (::chown(upper.c_str(), root.st_uid, root.st_gid) < 0 || ::chmod(upper.c_str(), root.st_mode & 07777) < 0)
    return fail_system(upper);
  return std::pair{TRY(open_directory(upper)), TRY(open_directory(work))};
}

/// What the kernel wrote to the file-system context: why fsconfig(2) failed, in its own words.
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

// An overlay's writable layer cannot lie on another overlay, and before Linux 6.15 not on a detached mount either: so a
// short-lived child mounts a tmpfs in a mount namespace of its own, makes the overlay there and sends it back. It opens
// the layers anew: an overlay takes none from another mount namespace.
Result<Fd> overlay_in_tmpfs(const std::vector<std::string>& paths, const std::string& directory) {
  if (::unshare(CLONE_NEWNS) < 0) return fail_system("unshare");
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) < 0) return fail_system("make / private");
  if (::mount("layer", directory.c_str(), "tmpfs", MS_NODEV, "mode=700") < 0) return fail_system("tmpfs");
  const std::vector<Fd> layers = TRY(open_layers(paths));
  const auto [upper, work] = TRY(make_layer(directory, layers.front().get()));
  return mount_overlay(layers, upper.get(), work.get());
}

Result<Fd> make_memory_overlay(const std::vector<std::string>& layers, const std::string& directory) {
  TRY_VOID(make_directories(directory, 0700));
  return fd_from_child("overlay in memory", [&] { return overlay_in_tmpfs(layers, directory); });
}

}  // namespace

Result<Fd> make_overlay(const pod::host::OverlayRoot& step, int instance) {
  const std::string directory = fmt::format("{}/{}", step.directory, instance);
  // There if a supervisor died in this very launch; the kernel refuses to mount what was volatile once more.
  TRY_VOID(remove_tree(directory));
  switch (step.layer) {
    case pod::host::Layer::Memory:
      // A missing layer is named here: only an errno comes back from the child. Closed again, for there the numbers
      // of all layers must fit an option's 255 bytes.
      if (const auto there = open_layers(step.layers); !there) return std::unexpected(there.error());
      return make_memory_overlay(step.layers, directory);
    case pod::host::Layer::Disk: break;
  }
  const std::vector<Fd> layers = TRY(open_layers(step.layers));
  const auto [upper, work] = TRY(make_layer(directory, layers.front().get()));
  return mount_overlay(layers, upper.get(), work.get());
}

Result<Fd> clone_tree(const pod::host::CloneTree& step) {
  // A container may have write access to where the way leads through, by another volume.
  const Fd place(sys::openat2(AT_FDCWD, step.source.c_str(), O_PATH, RESOLVE_NO_SYMLINKS));
  if (!place && errno == ELOOP) return fail(step.source + ": a link has taken its place since the pod's start", ELOOP);
  if (!place) return fail_system(step.source);
  Fd tree(sys::open_tree(place.get(), "", AT_EMPTY_PATH | OPEN_TREE_CLONE | AT_RECURSIVE));
  if (!tree) return fail_system(step.source);
  mount_attr attributes{};
  attributes.propagation = MS_PRIVATE;  // else what is mounted in it in the pod appears on a host whose / is shared
  if (sys::mount_setattr(tree.get(), AT_RECURSIVE, attributes) < 0) return fail_system(step.source + ": make private");
  return tree;
}

}  // namespace podrun::ns

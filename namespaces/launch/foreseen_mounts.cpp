// The mounts of a container as they will be. Everything is opened with O_PATH, by descriptor, and without following
// links: an image or a hostPath may hold anything.
#include "namespaces/launch/foreseen_mounts.hpp"

#include <fcntl.h>
#include <linux/magic.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>
#include <variant>

#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/launch/foreseen_changes.hpp"
#include "namespaces/paths/open_inside.hpp"
#include "pod/text/paths.hpp"

namespace podrun::ns {
namespace {

std::string_view first_name(std::string_view path) { return path.substr(0, path.find('/')); }

bool has_component(std::string_view path, std::string_view name) {
  for (; !path.empty(); path.remove_prefix(std::min(path.size(), first_name(path).size() + 1)))
    if (first_name(path) == name) return true;
  return false;
}

Found kind_of(const Fd& place, std::string& target) {
  struct stat status {};
  if (::fstat(place.get(), &status) < 0) return Found::Unknown;
  if (S_ISDIR(status.st_mode)) return Found::Directory;
  if (!S_ISLNK(status.st_mode)) return Found::File;
  char text[PATH_MAX];
  const ssize_t length = ::readlinkat(place.get(), "", text, sizeof text);
  if (length <= 0 || length == static_cast<ssize_t>(sizeof text)) return Found::Unknown;
  target.assign(text, static_cast<std::size_t>(length));
  return Found::Link;
}

constexpr std::uint64_t inside = RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS;

Found look_in_directory(int directory, const std::string& path, std::string& target, std::uint64_t resolve) {
  const Fd place(sys::openat2(directory, path.c_str(), O_PATH | O_NOFOLLOW, resolve));
  if (place) return kind_of(place, target);
  return errno == ENOENT ? Found::Missing : Found::Unknown;
}

/// In a file system of the kernel, of which the host's mount shows what a new one will have. What is mounted in it on
/// the host is not in the new one: of that only the mount point is.
Found look_in_kernel(const char* host, std::uint32_t type, const std::string& path, std::string& target) {
  const Fd root(::open(host, O_PATH | O_DIRECTORY | O_CLOEXEC));
  struct statfs status {};
  if (!root || ::fstatfs(root.get(), &status) < 0 || static_cast<std::uint32_t>(status.f_type) != type)
    return Found::Unknown;
  const Fd place(sys::openat2(root.get(), path.c_str(), O_PATH | O_NOFOLLOW, inside | RESOLVE_NO_XDEV));
  if (place) return kind_of(place, target);
  if (errno == ENOENT) return Found::Missing;
  if (errno != EXDEV) return Found::Unknown;
  const std::size_t slash = path.rfind('/');
  const std::string parent = slash == path.npos ? "." : path.substr(0, slash);
  const Fd around(sys::openat2(root.get(), parent.c_str(), O_PATH, inside | RESOLVE_NO_XDEV));
  return around ? look_in_directory(root.get(), path, target, inside) : Found::Missing;
}

/// Which network interfaces there are depends on the network namespace.
Found look_in_sysfs(const std::string& path, std::string& target) {
  if (has_component(path, "net")) return Found::Unknown;
  return look_in_kernel("/sys", SYSFS_MAGIC, path, target);
}

/// What is about processes, and the parameters of namespaces, differ from the host's.
Found look_in_proc(const std::string& path, std::string& target) {
  const std::string_view first = first_name(path);
  if (first.find_first_not_of("0123456789") == first.npos || first == "sys") return Found::Unknown;
  const Found found = look_in_kernel("/proc", PROC_SUPER_MAGIC, path, target);
  return found == Found::Link ? Found::Unknown : found;
}

Found look_among_devices(const pod::step::MountDev& devices, const std::string& path, std::string& target) {
  for (const auto& [name, to] : devices.links)
    if (name == path) {
      target = to;
      return Found::Link;
    }
  const bool is_node = std::ranges::find(devices.nodes, path, &pod::step::DeviceNode::name) != devices.nodes.end();
  return is_node ? Found::File : Found::Missing;
}

Found look_among_files(const pod::VolumeFiles& files, const std::string& path) {
  if (path.starts_with("..")) return Found::Unknown;  // the directories of the kubelet's layout
  for (const pod::VolumeFile& file : files.list) {
    if (file.path == path) return Found::File;
    if (file.path.starts_with(path + "/")) return Found::Directory;
  }
  for (const std::string& point : files.mount_points)
    if (pod::is_at_or_below("/" + point, "/" + path)) return Found::Directory;
  return Found::Missing;
}

/// What a file step makes at a path of the host where nothing is yet.
struct Made {
  Content content = Content::Unknown;
  const pod::VolumeFiles* files = nullptr;
};
Made made_at(const pod::PodPlan& plan, const std::string& path) {
  for (const pod::FileStep& step : plan.files) {
    if (const auto* directory = std::get_if<pod::file::MakeDirectory>(&step); directory && directory->path == path)
      return {.content = Content::Listed};
    if (const auto* volume = std::get_if<pod::file::WriteVolume>(&step); volume && volume->path == path)
      return {.content = Content::Listed, .files = &volume->files};
    if (const auto* file = std::get_if<pod::file::Write>(&step); file && file->path == path)
      return {.content = Content::File};
    const auto* checked = std::get_if<pod::file::CheckHostPath>(&step);
    if (checked == nullptr || checked->path != path) continue;
    if (checked->type == pod::HostPathType::FileOrCreate) return {.content = Content::File};
    if (checked->type == pod::HostPathType::DirectoryOrCreate || checked->type == pod::HostPathType::Any)
      return {.content = Content::Listed};
  }
  return {};
}

Made made_in_memory(const pod::PodPlan& plan, const std::string& volume) {
  for (const pod::MemoryStep& step : plan.memory) {
    if (const auto* directory = std::get_if<pod::memory::EmptyDir>(&step); directory && directory->volume == volume)
      return {.content = Content::Listed};
    if (const auto* files = std::get_if<pod::memory::Files>(&step); files && files->volume == volume)
      return {.content = Content::Listed, .files = &files->files};
  }
  return {};
}

ForeseenMount mount_of_layers(const std::vector<std::string>& layers) {
  ForeseenMount mount;
  if (auto opened = LayerStack::open(layers)) {
    mount.content = Content::Layers;
    mount.layers = std::move(*opened);
  }
  return mount;
}

Found look_in_layers(const LayerStack& layers, const std::string& path, std::string& target) {
  const auto place = layers.find(path);
  if (place) return kind_of(place->front(), target);
  return place.error().number == ENOENT ? Found::Missing : Found::Unknown;
}

/// The content of a whole volume.
ForeseenMount whole_of(const pod::PodPlan& plan, const pod::host::CloneTree& tree) {
  if (!tree.layers.empty()) return mount_of_layers(tree.layers);
  ForeseenMount mount;
  Made made;
  if (tree.in_memory) {
    made = made_in_memory(plan, tree.source);
  } else if (Fd place(sys::openat2(AT_FDCWD, tree.source.c_str(), O_PATH, RESOLVE_NO_SYMLINKS)); place) {
    std::string target;
    made.content = kind_of(place, target) == Found::Directory ? Content::Directory : Content::File;
    mount.directory = std::move(place);
  } else if (errno == ENOENT) {
    made = made_at(plan, tree.source);
  }
  struct statfs status {};
  const bool is_sysfs = made.content == Content::Directory && tree.source == "/sys" &&
                        ::fstatfs(mount.directory.get(), &status) == 0 && status.f_type == SYSFS_MAGIC;
  mount.content = is_sysfs ? Content::Sysfs : made.content;
  mount.files = made.files;
  return mount;
}

/// Reduces a volume to its subPath. Returns 0 or an errno.
int reduce_to_part(ForeseenMount& mount, const std::string& part, bool makes) {
  switch (mount.content) {
    case Content::Directory: {
      Fd place(open_inside(mount.directory.get(), part.c_str(), O_PATH));
      std::string target;
      const int error = place ? 0 : errno;
      mount.content = error == ENOENT && makes ? Content::Listed : Content::Unknown;
      if (error == ENOTDIR || (error == ENOENT && !makes)) return error;
      if (!place) return 0;
      mount.content = kind_of(place, target) == Found::Directory ? Content::Directory : Content::File;
      mount.directory = std::move(place);
      return 0;
    }
    case Content::Layers: {
      auto place = mount.layers.follow(part);
      if (!place) mount.content = Content::Unknown;
      if (!place) return place.error().number == ENOENT || place.error().number == ENOTDIR ? place.error().number : 0;
      mount.content = place->is_directory() ? Content::Layers : Content::File;
      mount.layers = std::move(*place);
      return 0;
    }
    case Content::Listed: {
      if (mount.files == nullptr) return makes ? 0 : ENOENT;
      mount.content = look_among_files(*mount.files, part) == Found::File ? Content::File : Content::Something;
      mount.files = nullptr;
      return 0;
    }
    case Content::File: return ENOTDIR;
    case Content::Sysfs:
    case Content::Proc:
    case Content::Devices:
    case Content::Terminals:
    case Content::Queues:
    case Content::Something:
    case Content::Unknown: mount.content = Content::Unknown; return 0;
  }
  __builtin_unreachable();
}

}  // namespace

Found look(const ForeseenMount& mount, const std::string& path, std::string& target) {
  if (mount.made.contains(path)) return Found::Directory;
  switch (mount.content) {
    case Content::Directory:
      // The lower layer of an overlay does not show what is mounted in it. In a read-only volume that may be writable.
      return look_in_directory(mount.directory.get(), path, target,
                               inside | (mount.is_root || mount.read_only ? RESOLVE_NO_XDEV : 0));
    case Content::Layers: return look_in_layers(mount.layers, path, target);
    case Content::Listed: return mount.files == nullptr ? Found::Missing : look_among_files(*mount.files, path);
    case Content::Sysfs: return look_in_sysfs(path, target);
    case Content::Proc: return look_in_proc(path, target);
    case Content::Devices: return look_among_devices(*mount.devices, path, target);
    case Content::Terminals: return path == "ptmx" ? Found::File : Found::Missing;
    case Content::Queues: return Found::Missing;
    case Content::File:
    case Content::Something:
    case Content::Unknown: return Found::Unknown;
  }
  __builtin_unreachable();
}

int error_of_making(const ForeseenMount& mount, bool directory) {
  switch (mount.content) {
    case Content::Directory:
    case Content::Layers:
    case Content::Listed:
    case Content::Sysfs:
      if (mount.read_only) return EROFS;
      return mount.content == Content::Sysfs ? EPERM : 0;
    case Content::Proc: return ENOENT;
    case Content::Terminals: return EPERM;
    case Content::Queues: return directory ? EPERM : 0;
    case Content::Devices:
    case Content::File:
    case Content::Something:
    case Content::Unknown: return 0;
  }
  __builtin_unreachable();
}

ForeseenMount mount_of_root(const pod::host::OverlayRoot& root) {
  ForeseenMount mount;
  if (root.layers.size() > 1 || root.user_xattr) return mount_of_layers(root.layers);
  const std::string& path = root.layers.front();
  mount.directory = Fd(sys::openat2(AT_FDCWD, path.c_str(), O_PATH | O_DIRECTORY, RESOLVE_NO_SYMLINKS));
  if (mount.directory) mount.content = Content::Directory;
  return mount;
}

ForeseenMount mount_of(const pod::PodPlan& plan, const pod::ContainerPlan& container,
                       const pod::host::CloneTree& tree, bool read_only, int& error) {
  ForeseenMount mount = whole_of(plan, tree);
  const std::string part = pod::clean_path("/" + tree.sub_path).substr(1);
  if (!part.empty()) error = reduce_to_part(mount, part, tree.make_sub_path);
  const auto is_open = [&] {
    return mount.content == Content::Directory || mount.content == Content::Sysfs ||
           (mount.content == Content::Listed && mount.files == nullptr);
  };
  const Change others = change_by_others(plan, tree, container);
  if (others == Change::Everything || (others == Change::Content && !part.empty())) {
    error = 0;
    mount.content = Content::Unknown;
  }
  if (others == Change::Content && is_open()) mount.content = Content::Something;
  if (error != 0) mount.content = Content::Unknown;
  mount.read_only = read_only;
  // What cannot be made by a read-only mount may have been made by another one, or by the pod's start.
  const bool is_made = change_by(container, tree) != Change::None || is_made_in(plan, tree);
  if (read_only && is_open() && is_made) mount.content = Content::Something;
  return mount;
}

}  // namespace podrun::ns

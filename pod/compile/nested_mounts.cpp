// Determines the mount points in volumes of files.
#include "pod/compile/nested_mounts.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "pod/compile/compile_files.hpp"
#include "pod/compile/compile_kernel_mounts.hpp"
#include "pod/compile/volume_files.hpp"
#include "pod/text/paths.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

bool is_inside(std::string_view path, std::string_view directory) {
  return path != directory && is_at_or_below(path, directory);
}

/// The path relative to the directory that it is inside.
std::string relative_to(std::string_view directory, std::string_view path) {
  return std::string(path.substr(directory.size() + 1));
}

std::string_view first_name(std::string_view path) { return path.substr(0, path.find('/')); }

/// Whether a file, or a link to a directory of files, lies in the place of the first directory of the path.
bool is_taken(std::string_view path, const std::vector<VolumeFile>& files) {
  return path.starts_with("..") || std::ranges::any_of(files, [&](const VolumeFile& file) {
           return first_name(file.path) == first_name(path);
         });
}

bool is_file(HostPathType type) {
  switch (type) {
    case HostPathType::FileOrCreate:
    case HostPathType::File:
    case HostPathType::Socket:
    case HostPathType::CharDevice:
    case HostPathType::BlockDevice: return true;
    case HostPathType::Any:
    case HostPathType::DirectoryOrCreate:
    case HostPathType::Directory: return false;
  }
  __builtin_unreachable();
}

/// Whether the mount is certainly a single file.
bool is_single_file(const Pod& pod, const VolumeMount& mount, const HostFacts& facts, std::string_view uid) {
  const auto volume = std::ranges::find(pod.spec.volumes, mount.name, &Volume::name);
  if (volume == pod.spec.volumes.end()) return false;
  if (const auto* host = std::get_if<HostPath>(&volume->source)) return is_file(host->type);
  if (mount.sub_path.empty() || !holds_files(*volume)) return false;
  const auto files = volume_files(pod, *volume, facts, uid);
  const std::string part = clean_path("/" + mount.sub_path).substr(1);
  return files && std::ranges::find(files->list, part, &VolumeFile::path) != files->list.end();
}

/// The index of the container's mount at the path, or of none.
std::size_t index_at(const Container& container, std::string_view path) {
  const auto& mounts = container.volume_mounts;
  const auto found =
      std::ranges::find_if(mounts, [&](const VolumeMount& mount) { return clean_path(mount.mount_path) == path; });
  return static_cast<std::size_t>(found - mounts.begin());
}

/// Checks the mounts in one volume.
class VolumeWithMounts {
 public:
  VolumeWithMounts(const ContainerContext& context, const Volume& volume, const Tree& tree)
      : context_(context), volume_(volume), tree_(tree) {}

  /// NESTED lies in no volume that is itself in this one.
  Result<> check(std::string_view nested) {
    look();
    if (!is_known_) return {};
    const std::string path = relative_to(tree_.path, nested);
    if (std::ranges::find(mount_points_, path) != mount_points_.end()) return {};
    const std::string what = is_taken(path, files_)
                                 ? fmt::format("has {} in its place", in_quotes(first_name(path)))
                                 : std::string("is read-only, and does not have it");
    const std::size_t own = index_at(context_.container, nested);
    const bool is_volume = own < context_.container.volume_mounts.size();
    const std::size_t index = is_volume ? own : index_at(context_.container, tree_.path);
    return fail_at(fmt::format("volumeMounts[{}].mountPath", index),
                   fmt::format("container {}: nothing can be mounted at {}: the volume {} at {} {}",
                               context_.container.name, nested, in_quotes(volume_.name), tree_.path, what));
  }

 private:
  /// Determines the files when they are needed. What is wrong with them is an error of the volume.
  void look() {
    if (has_looked_) return;
    has_looked_ = true;
    auto files = volume_files(context_.pod, volume_, context_.facts, context_.run_parameters.uid);
    if (!files) return;
    is_known_ = true;
    files_ = std::move(files->list);
    mount_points_ = mount_points_in(context_.pod, volume_, files_, context_.facts, context_.run_parameters.uid);
  }

  const ContainerContext& context_;
  const Volume& volume_;
  const Tree& tree_;
  bool has_looked_ = false;
  bool is_known_ = false;
  std::vector<VolumeFile> files_;
  std::vector<std::string> mount_points_;
};

/// What else is mounted in the container: shared memory, files of the pod, and the termination message.
std::vector<std::string> other_mounts(const Container& container) {
  std::vector<std::string> paths{std::string(shared_memory_path)};
  for (const PodFile& file : pod_files) paths.emplace_back(file.path);
  std::string message = clean_path(container.termination_message_path);
  // With a volume at /dev the message may have no file.
  if (!message.empty() && !is_at_or_below(message, devices_path)) paths.push_back(std::move(message));
  return paths;
}

}  // namespace

std::vector<std::string> mount_points_in(const Pod& pod, const Volume& volume, const std::vector<VolumeFile>& files,
                                         const HostFacts& facts, std::string_view uid) {
  std::set<std::string> found;
  for (const Container& container : pod.spec.containers)
    for (const VolumeMount& mount : container.volume_mounts) {
      if (mount.name != volume.name || !mount.sub_path.empty() || !mount.sub_path_expr.empty()) continue;
      const std::string directory = clean_path(mount.mount_path);
      for (const VolumeMount& nested : container.volume_mounts) {
        const std::string path = clean_path(nested.mount_path);
        if (directory.empty() || directory == "/" || !is_inside(path, directory)) continue;
        std::string relative = relative_to(directory, path);
        if (!is_taken(relative, files) && !is_single_file(pod, nested, facts, uid)) found.insert(std::move(relative));
      }
    }
  return {found.begin(), found.end()};
}

std::vector<Error> errors_of_nested_mounts(const ContainerContext& context, const MountList& list) {
  std::vector<Error> errors;
  std::vector<std::string> paths = other_mounts(context.container);
  for (const Tree& tree : list.volumes()) paths.push_back(tree.path);
  for (const Tree& tree : list.volumes()) {
    const auto volume = std::ranges::find(context.pod.spec.volumes, tree.name, &Volume::name);
    if (!tree.clone.sub_path.empty() || !holds_files(*volume)) continue;
    VolumeWithMounts its(context, *volume, tree);
    for (const std::string& path : paths) {
      const auto is_between = [&](const Tree& other) {
        return is_inside(other.path, tree.path) && is_inside(path, other.path);
      };
      if (!is_inside(path, tree.path) || std::ranges::any_of(list.volumes(), is_between)) continue;
      if (auto checked = its.check(path); !checked) errors.push_back(std::move(checked.error()));
    }
  }
  return errors;
}

}  // namespace podrun::pod

// Compiles the mounts of a container.
#include "pod/compile/compile_mounts.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>
#include <utility>

#include "pod/compile/compile_files.hpp"
#include "pod/compile/compile_kernel_mounts.hpp"
#include "pod/compile/compile_security.hpp"
#include "pod/compile/compile_volumes.hpp"
#include "pod/compile/image_volumes.hpp"
#include "pod/compile/mount_list.hpp"
#include "pod/compile/nested_mounts.hpp"
#include "pod/compile/volume_files.hpp"
#include "pod/spec/value_syntax.hpp"
#include "pod/text/expand.hpp"
#include "pod/text/paths.hpp"
#include "pod/text/quote.hpp"

namespace podrun::pod {
namespace {

/// The maximum number of volume mounts: a slot is a byte, and a container needs up to two dozen for other purposes.
constexpr std::size_t most_volume_mounts = 230;

// ---- volumes ----

/// Whether a mount replaces /sys by the host's: then the same paths are hidden in that.
bool is_host_sysfs(const Tree& tree) {
  return tree.path == sysfs_path && tree.clone.source == sysfs_path && tree.clone.sub_path.empty() &&
         !tree.clone.in_memory;
}

/// The reason why a volume must not be mounted at the path; "" if there is none.
std::string mount_path_error(std::string_view path) {
  if (path == "/") return "would replace the container's whole root";
  for (const auto* candidates : {&mask_candidates(), &readonly_candidates()}) {
    for (const auto& hidden : *candidates) {
      if (is_at_or_below(hidden, path))
        return fmt::format("would uncover {}, which is kept from containers", hidden);
    }
  }
  if (is_at_or_below(path, "/proc")) return "lies in /proc, where only the kernel's own files may be";
  return {};
}

host::Devices devices_in(const VolumeSource& source, const Container& container) {
  if (source.is_device) return host::Devices::Usable;
  return container.security_context.privileged ? host::Devices::AsOnHost : host::Devices::Refused;
}

std::size_t index_of(const Container& container, const VolumeMount& mount) {
  return static_cast<std::size_t>(&mount - container.volume_mounts.data());
}

/// `subPath`, or `subPathExpr` with the container's variables expanded. Errors: a variable is missing or empty, as in
/// Kubernetes; a variable contains a Secret's value, which the plan would show; the path leads out of the volume.
Result<std::string> expanded_sub_path(const ContainerContext& context, const VolumeMount& mount) {
  const std::string& expression = mount.sub_path_expr;
  if (expression.empty()) return mount.sub_path;
  const auto refused = [&](std::string_view why) {
    return fail_at(fmt::format("volumeMounts[{}].subPathExpr", index_of(context.container, mount)),
                   fmt::format("container {}: subPathExpr {} {}", context.container.name, escaped(expression), why));
  };
  for (const std::string& name : references_in(expression)) {
    const auto value = context.variables.values.find(name);
    if (value == context.variables.values.end() || value->second.empty())
      return refused(fmt::format("wants the variable {}, which is missing or empty", name));
  }
  std::string path = expand(expression, context.variables.values);
  const std::string shown = expand(expression, context.variables.shown);
  if (path != shown && shown.contains("<secret ")) return refused("holds the text of a Secret");
  if (const ValueError value_error = relative_path(path); !value_error.empty())
    return refused(fmt::format("is {}, but it {}", escaped(path), value_error));
  return path;
}

Result<Tree> volume_tree(const ContainerContext& context, const Volume& volume, const VolumeMount& mount,
                         std::string path) {
  std::string part = TRY(expanded_sub_path(context, mount));
  const bool is_part = !part.empty();
  VolumeSource source = source_of(volume, context.pod, context.images, context.run_parameters);
  const bool read_only = mount.read_only || source.read_only;
  return Tree{.name = volume.name,
              .clone = {.to = {},
                        .source = std::move(source.path),
                        .label = std::move(source.label),
                        .in_memory = source.in_memory,
                        .sub_path = std::move(part),
                        .make_sub_path = is_part && (!source.read_only || holds_files(volume)),
                        .devices = devices_in(source, context.container),
                        .no_exec = source.no_exec,
                        .propagation = mount.mount_propagation,
                        .layers = std::move(source.layers),
                        .user_xattr = source.user_xattr},
              .path = std::move(path),
              .read_only = read_only,
              .recursive = read_only && mount.recursive_read_only != RecursiveReadOnly::Disabled};
}

/// The tree of one volume mount. TAKEN are the paths of those before it.
Result<Tree> tree_of(const ContainerContext& context, const VolumeMount& mount,
                     std::set<std::string, std::less<>>& taken) {
  const auto refused = [&](std::string_view why) {
    return fail_at(
        fmt::format("volumeMounts[{}].mountPath", index_of(context.container, mount)),
        fmt::format("container {}: mountPath {} {}", context.container.name, escaped(mount.mount_path), why));
  };
  auto path = clean_path(mount.mount_path);
  if (path.empty()) return refused("is not an absolute path");
  if (!taken.insert(path).second) return refused("is used twice");
  const auto volume = std::ranges::find(context.pod.spec.volumes, mount.name, &Volume::name);
  if (volume == context.pod.spec.volumes.end()) return refused("wants the unknown volume " + escaped(mount.name));
  Tree tree = TRY(volume_tree(context, *volume, mount, std::move(path)));
  if (const auto why = mount_path_error(tree.path); !why.empty() && !is_host_sysfs(tree)) return refused(why);
  return tree;
}

/// The volumes of a container, sorted so that a mount point precedes those below it, otherwise in the manifest's order.
std::vector<Tree> volume_trees(const ContainerContext& context, std::vector<Error>& errors) {
  const auto& mounts = context.container.volume_mounts;
  if (mounts.size() > most_volume_mounts) {
    errors.push_back({fmt::format("container {}: {} volumeMounts, at most {} are possible", context.container.name,
                                  mounts.size(), most_volume_mounts),
                      0, "volumeMounts"});
    return {};
  }
  std::vector<Tree> trees;
  std::set<std::string, std::less<>> taken;
  for (const auto& mount : mounts) {
    if (auto tree = tree_of(context, mount, taken))
      trees.push_back(std::move(*tree));
    else
      errors.push_back(std::move(tree.error()));
  }
  std::ranges::stable_sort(trees, {}, [](const Tree& tree) { return depth(tree.path); });
  return trees;
}

/// Whether files of the pod are mounted inside this volume, which then must be mounted first.
bool holds_pod_files(const Tree& volume) {
  const auto holds = [&](std::string_view path) {
    return path != volume.path && is_at_or_below(path, volume.path);
  };
  return holds(shared_memory_path) || std::ranges::any_of(pod_files, holds, &PodFile::path);
}

Tree pod_file_tree(const ContainerContext& context, const PodFile& file) {
  return {.name = std::string{file.name},
          .clone = {.to = {},
                    .source = pod_file_path(context.storage, file, context.pod, {context.pod, context.composed},
                                            context.index),
                    .label = std::string{file.name}},
          .path = std::string{file.path},
          .read_only = context.container.security_context.read_only_root_filesystem};
}

/// Whether /dev is the host's or a volume, in which a new mount point would remain.
bool has_foreign_devices(const ContainerContext& context, const MountList& list) {
  return context.container.security_context.privileged ||
         std::ranges::any_of(list.volumes(), [](const Tree& volume) { return volume.path == "/dev"; });
}

/// Mounts the termination message file after all other mounts, as the kubelet does, so it must not cover one.
Result<> add_message_file(const ContainerContext& context, MountList& list) {
  const Container& container = context.container;
  if (container.termination_message_path.empty()) return {};
  std::string path = clean_path(container.termination_message_path);
  const auto refused = [&](std::string_view why) {
    return fail_at("terminationMessagePath", fmt::format("container {}: terminationMessagePath {} {}", container.name,
                                                         escaped(container.termination_message_path), why));
  };
  if (path.empty()) return refused("is not an absolute path");
  if (const auto why = mount_path_error(path); !why.empty()) return refused(why);
  if (std::ranges::find(list.volumes(), path, &Tree::path) != list.volumes().end())
    return refused("is a volume's mountPath too");
  if (const std::string* covered = list.mount_below(path))
    return refused(path == *covered ? "is a mount of every container"
                                    : fmt::format("is a file, but {} is mounted below it", escaped(*covered)));
  if (is_at_or_below(path, "/dev") && has_foreign_devices(context, list)) return {};
  std::string file = fmt::format("{}/containers/{}/termination-log", context.storage, container.name);
  list.attach(host::MessageFile{.to = {}, .path = std::move(file)}, std::move(path));
  return {};
}

/// The mounts, and what is wrong with them.
Mounts mounts_of(const ContainerContext& context, Descriptors& descriptors, std::vector<Error>& errors) {
  MountList list{context, volume_trees(context, errors), descriptors};
  std::ranges::move(errors_of_nested_mounts(context, list), std::back_inserter(errors));

  // add_kernel_mounts() adds the volumes that replace file systems of the kernel.
  const auto is_kernel_mount = [](const Tree& volume) {
    return volume.path == devices_path || volume.path == sysfs_path;
  };
  for (std::string& path : config_volumes(context).paths)
    list.add(step::WritablePath{.root = list.root(), .path = std::move(path)});
  for (const auto& volume : list.volumes())
    if (holds_pod_files(volume) && !is_kernel_mount(volume)) list.attach(volume);

  add_kernel_mounts(context, list);
  for (const auto& file : pod_files) list.add_pod_mount(pod_file_tree(context, file));

  for (const auto& volume : list.volumes())
    if (!holds_pod_files(volume) && !is_kernel_mount(volume)) list.attach(volume);
  if (auto added = add_message_file(context, list); !added) errors.push_back(std::move(added.error()));
  return std::move(list).take();
}

}  // namespace

Result<Mounts> compile_mounts(const ContainerContext& context, Descriptors& descriptors) {
  std::vector<Error> errors;
  Mounts mounts = mounts_of(context, descriptors, errors);
  if (!errors.empty()) return std::unexpected(std::move(errors.front()));
  return mounts;
}

std::vector<Error> mount_errors(const ContainerContext& context) {
  std::vector<Error> errors;
  Descriptors descriptors;
  mounts_of(context, descriptors, errors);
  return errors;
}

}  // namespace podrun::pod

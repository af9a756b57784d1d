// Compiles the volumes of a pod.
#include "pod/compile/compile_volumes.hpp"

#include <algorithm>
#include <variant>

#include <fmt/format.h>

#include "pod/compile/compile_kernel_mounts.hpp"
#include "pod/compile/nested_mounts.hpp"
#include "pod/compile/volume_files.hpp"
#include "pod/manifest/volume_use.hpp"
#include "pod/text/overloaded.hpp"
#include "pod/text/paths.hpp"

namespace podrun::pod {
namespace {

constexpr std::uint32_t everybody = 0777, set_group_id = 02000, only_root = 0700;
constexpr std::uint64_t page = 4096;

bool is_memory(const EmptyDir& volume) { return volume.medium == Medium::Memory; }

/// The size of a tmpfs for these files in bytes: whole pages for their content, and pages for directories and links.
std::uint64_t tmpfs_size(const VolumeFiles& files) {
  std::uint64_t pages = 16;
  for (const VolumeFile& file : files.list) pages += 2 + (file.content.text.size() + page - 1) / page;
  return pages * page;
}

/// The size of an emptyDir in memory, as with the kubelet: the memory of the host, limited by the pod's memory limit
/// and by sizeLimit.
std::uint64_t memory_size(const EmptyDir& volume, const Pod& pod, const HostFacts& facts) {
  constexpr std::string_view memory = "memory";
  std::int64_t bytes = facts.memory;
  const auto at_most = [&](std::int64_t limit) {
    if (limit > 0 && (bytes <= 0 || limit < bytes)) bytes = limit;
  };
  const auto limit_in = [&](const Resources& resources) {
    const auto found = resources.limits.find(std::string{memory});
    return found == resources.limits.end() ? 0 : rounded_up(found->second);
  };
  std::int64_t of_containers = 0;
  for (const Container& container : pod.spec.containers) of_containers += limit_in(container.resources);
  const std::int64_t of_pod = limit_in(pod.spec.resources);
  at_most(of_pod > 0 ? of_pod : of_containers);
  if (volume.size_limit) at_most(rounded_up(*volume.size_limit));
  return static_cast<std::uint64_t>(std::max<std::int64_t>(bytes, 0));
}

/// Whether a hostPath is a device that a container can use: it is called one, or it is one that every container has.
bool is_device(const HostPath& source) {
  switch (source.type) {
    case HostPathType::CharDevice:
    case HostPathType::BlockDevice: return true;
    case HostPathType::Any: return is_common_device(clean_path(source.path));
    case HostPathType::DirectoryOrCreate:
    case HostPathType::Directory:
    case HostPathType::FileOrCreate:
    case HostPathType::File:
    case HostPathType::Socket: return false;
  }
  __builtin_unreachable();
}

std::string claim_path(const Pod& pod, const ClaimVolume& claim, const RunParameters& run_parameters) {
  return fmt::format("{}/{}/{}", run_parameters.claims, pod.metadata.namespace_name, claim.claim_name);
}

/// Compiles the steps of the volumes.
class VolumeCompiler {
 public:
  VolumeCompiler(const Pod& pod, const HostFacts& facts, const RunParameters& run_parameters)
      : pod_(pod), facts_(facts), run_parameters_(run_parameters), fs_group_(pod.spec.security_context.fs_group) {}

  Result<> add(const Volume& volume) {
    return std::visit(Overloaded{[&](const EmptyDir& source) { return add_empty_dir(volume.name, source); },
                                 [&](const HostPath& source) { return add_check(volume.name, source); },
                                 [&](const ClaimVolume& source) { return add_claim(source); },
                                 [&](const ImageVolume&) { return Result<>{}; },
                                 [&](const ConfigMapFiles&) { return add_files(volume); },
                                 [&](const SecretFiles&) { return add_files(volume); },
                                 [&](const DownwardApiFiles&) { return add_files(volume); },
                                 [&](const Projected&) { return add_files(volume); }},
                      volume.source);
  }
  VolumeSteps take() && { return std::move(steps_); }

 private:
  std::string path_of(std::string_view volume) const {
    return volume_path(fmt::format("{}/{}", run_parameters_.storage, run_parameters_.uid), volume);
  }
  std::uint32_t group() const { return static_cast<std::uint32_t>(fs_group_.value_or(0)); }

  Result<> add_empty_dir(const std::string& name, const EmptyDir& source) {
    const std::uint32_t mode = everybody | (fs_group_ ? set_group_id : 0);
    if (is_memory(source))
      steps_.memory.emplace_back(
          memory::EmptyDir{.volume = name, .bytes = memory_size(source, pod_, facts_), .mode = mode, .group = group()});
    else
      steps_.files.emplace_back(file::MakeDirectory{.path = path_of(name), .mode = mode, .group = group()});
    return {};
  }

  Result<> add_check(const std::string& name, const HostPath& source) {
    // Container runtimes make a path without a type when they mount it.
    const bool is_checked = source.type != HostPathType::Any || use_of(pod_.spec, name) != VolumeUse::None;
    if (is_checked)
      steps_.files.emplace_back(file::CheckHostPath{.volume = name, .path = source.path, .type = source.type});
    return {};
  }

  /// A claim's directory is writable for every user in the pod, as that of an emptyDir: without fsGroup, users other
  /// than root could not write to it. The mode of its parent denies access to users of the host.
  Result<> add_claim(const ClaimVolume& source) {
    const std::string path = claim_path(pod_, source, run_parameters_);
    steps_.files.emplace_back(file::MakeDirectory{.path = run_parameters_.claims, .mode = only_root});
    steps_.files.emplace_back(file::MakeDirectory{.path = path, .mode = everybody});
    if (fs_group_ && !source.read_only)
      steps_.files.emplace_back(file::GiveToGroup{
          .path = path,
          .group = group(),
          .unless_root_has_it =
              pod_.spec.security_context.fs_group_change_policy == FsGroupChangePolicy::OnRootMismatch});
    return {};
  }

  Result<> add_files(const Volume& volume) {
    VolumeFiles files = TRY(volume_files(pod_, volume, facts_, run_parameters_.uid));
    files.mount_points = mount_points_in(pod_, volume, files.list, facts_, run_parameters_.uid);
    if (holds_secrets(volume)) {
      const std::uint64_t bytes = tmpfs_size(files);
      steps_.memory.emplace_back(memory::Files{.volume = volume.name, .bytes = bytes, .files = std::move(files)});
    } else {
      steps_.files.emplace_back(file::WriteVolume{.path = path_of(volume.name), .files = std::move(files)});
    }
    return {};
  }

  const Pod& pod_;
  const HostFacts& facts_;
  const RunParameters& run_parameters_;
  std::optional<std::int64_t> fs_group_;
  VolumeSteps steps_;
};

}  // namespace

std::string volume_path(std::string_view storage, std::string_view volume) {
  return fmt::format("{}/volumes/{}", storage, volume);
}

namespace {

/// The steps of the volumes, and what is wrong with them.
VolumeSteps steps_of(const Pod& pod, const HostFacts& facts, const RunParameters& run_parameters,
                     std::vector<Error>& errors) {
  VolumeCompiler compiler(pod, facts, run_parameters);
  for (std::size_t i = 0; i < pod.spec.volumes.size(); ++i)
    if (auto added = compiler.add(pod.spec.volumes[i]); !added)
      errors.push_back({std::move(added.error().message), 0, fmt::format("spec.volumes[{}]", i)});
  return std::move(compiler).take();
}

}  // namespace

Result<VolumeSteps> compile_volumes(const Pod& pod, const HostFacts& facts, const RunParameters& run_parameters) {
  std::vector<Error> errors;
  VolumeSteps steps = steps_of(pod, facts, run_parameters, errors);
  if (!errors.empty()) return std::unexpected(std::move(errors.front()));
  return steps;
}

std::vector<Error> volume_errors(const Pod& pod, const HostFacts& facts, const RunParameters& run_parameters) {
  std::vector<Error> errors;
  steps_of(pod, facts, run_parameters, errors);
  return errors;
}

namespace {

VolumeSource source_of_image(const std::string& reference, const Images& images) {
  const auto found = images.find(reference);
  VolumeSource source{.path = "", .label = "image " + reference, .read_only = true, .no_exec = true};
  if (found == images.end()) return source;
  source.path = layers_of(found->second).front();
  source.layers = found->second.layers;
  source.user_xattr = found->second.user_xattr;
  return source;
}

}  // namespace

VolumeSource source_of(const Volume& volume, const Pod& pod, const Images& images,
                       const RunParameters& run_parameters) {
  const auto own = [&](std::string_view kind, bool in_memory, bool read_only) {
    const std::string storage = fmt::format("{}/{}", run_parameters.storage, run_parameters.uid);
    return VolumeSource{.path = in_memory ? volume.name : volume_path(storage, volume.name),
                        .label = fmt::format("{} {}", kind, volume.name),
                        .in_memory = in_memory,
                        .read_only = read_only};
  };
  return std::visit(
      Overloaded{[&](const EmptyDir& source) { return own("emptyDir", is_memory(source), false); },
                 [&](const ConfigMapFiles&) { return own("configMap", false, true); },
                 [&](const SecretFiles&) { return own("secret", true, true); },
                 [&](const DownwardApiFiles&) { return own("downwardAPI", false, true); },
                 [&](const Projected&) { return own("projected", holds_secrets(volume), true); },
                 [&](const HostPath& source) {
                   return VolumeSource{.path = source.path,
                                       .label = "hostPath " + source.path,
                                       .is_device = is_device(source)};
                 },
                 [&](const ClaimVolume& source) {
                   return VolumeSource{.path = claim_path(pod, source, run_parameters),
                                       .label = "claim " + source.claim_name,
                                       .read_only = source.read_only};
                 },
                 [&](const ImageVolume& source) { return source_of_image(source.reference, images); }},
      volume.source);
}

}  // namespace podrun::pod

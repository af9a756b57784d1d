// What is compiled while a pod runs.
#include "supervisor/state/file_variables.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "namespaces/volumes/read_in_volume.hpp"
#include "pod/compile/compile_volumes.hpp"
#include "pod/environment/env_file.hpp"
#include "pod/plan/verify.hpp"
#include "pod/text/overloaded.hpp"

namespace podrun::supervisor {
namespace {

pod::RunParameters run_parameters_of(const pod::StoredInputs& inputs) {
  return {.uid = inputs.uid,
          .storage = inputs.storage,
          .claims = inputs.claims};
}

Result<std::optional<std::string>> read(const pod::EnvFile& file, const FileVariables& variables,
                                        const ns::PodMounts& mounts) {
  const auto volume = std::ranges::find(variables.pod.spec.volumes, file.volume, &pod::Volume::name);
  if (volume == variables.pod.spec.volumes.end()) return fail("there is no such volume");
  const pod::VolumeSource source =
      pod::source_of(*volume, variables.pod, variables.inputs.images, run_parameters_of(variables.inputs));
  const pod::host::CloneTree tree{.to = 0, .source = source.path, .label = source.label, .in_memory = source.in_memory};
  return ns::read_in_volume(tree, file.path, pod::longest_env_file, mounts);
}

/// Adds the object that a variable refers to, if there is one: with one key, or with all.
template <typename Object, typename Reference>
void add(std::map<std::string, Object>& to, const std::map<std::string, Object>& from, const Reference& reference) {
  const auto found = from.find(reference.name);
  if (found == from.end()) return;
  Object& object = to[reference.name];
  object.metadata.name = reference.name;
  for (const auto& [key, value] : found->second.data) {
    if constexpr (requires { reference.key; })
      if (key != reference.key) continue;
    if constexpr (requires { object.binary_keys; })
      if (found->second.binary_keys.contains(key)) continue;
    object.data.insert_or_assign(key, value);
  }
}

/// Adds the objects that a container's variables refer to.
void add_objects(pod::StoredInputs& inputs, const pod::Container& container, const pod::NamedObjects& objects) {
  const auto take = pod::Overloaded{
      [&](const pod::ConfigMapKeyRef& reference) { add(inputs.config_maps, objects.config_maps, reference); },
      [&](const pod::ConfigMapRef& reference) { add(inputs.config_maps, objects.config_maps, reference); },
      [&](const pod::SecretKeyRef& reference) { add(inputs.secrets, objects.secrets, reference); },
      [&](const pod::SecretRef& reference) { add(inputs.secrets, objects.secrets, reference); },
      [](const auto&) {}};
  for (const pod::EnvVar& variable : container.env) std::visit(take, variable.source);
  for (const pod::EnvFrom& from : container.env_from) std::visit(take, from.source);
}

/// Adds the credentials for the registries of the pod's images.
void add_pull_secrets(pod::StoredInputs& inputs, const pod::Pod& pod) {
  for (const std::string& name : pod.spec.image_pull_secrets)
    for (const char* key : {".dockerconfigjson", ".dockercfg"})
      add(inputs.secrets, pod.objects.secrets, pod::SecretKeyRef{.name = name, .key = key});
}

}  // namespace

std::optional<FileVariables> file_variables_of(const LoadedPod& loaded) {
  const auto is_compiled_again = [&](const pod::Container& container) {
    const auto index = static_cast<std::size_t>(&container - loaded.pod.spec.containers.data());
    return !pod::env_files_of(container).empty() || loaded.plan.containers.at(index).awaits_image;
  };
  if (std::ranges::none_of(loaded.pod.spec.containers, is_compiled_again)) return std::nullopt;
  pod::StoredInputs inputs{.images = loaded.images,
                           .facts = loaded.facts,
                           .uid = loaded.run_parameters.uid,
                           .storage = loaded.run_parameters.storage,
                           .claims = loaded.run_parameters.claims};
  for (const pod::Container& container : loaded.pod.spec.containers)
    if (is_compiled_again(container)) add_objects(inputs, container, loaded.pod.objects);
  if (!loaded.run_parameters.awaited_images.empty()) add_pull_secrets(inputs, loaded.pod);
  return file_variables_from(loaded.pod, std::move(inputs));
}

FileVariables file_variables_from(pod::Pod pod, pod::StoredInputs inputs) {
  pod.objects = {};
  pod.objects.config_maps = inputs.config_maps;
  pod.objects.secrets = inputs.secrets;
  return {.pod = std::move(pod), .inputs = std::move(inputs)};
}

Result<std::optional<pod::ContainerPlan>> plan_with_files(const FileVariables& variables, std::size_t container,
                                                          const pod::PodPlan& plan, const ns::PodMounts& mounts) {
  const auto& [pod, inputs] = variables;
  const pod::Container& its = pod.spec.containers.at(container);
  const auto files = pod::env_files_of(its);
  if (files.empty() && !plan.containers.at(container).awaits_image) return std::nullopt;
  pod::RunParameters run_parameters = run_parameters_of(inputs);
  run_parameters.env_files.container = its.name;
  for (const pod::NetworkPlan& network : plan.networks)
    run_parameters.network_numbers[network.container] = network.number;
  for (const pod::EnvFile& file : files)
    run_parameters.env_files.texts.emplace(file, read(file, variables, mounts));
  pod::PodPlan next = plan;
  next.containers.at(container) =
      TRY(pod::compile_one(pod, container, inputs.images, inputs.facts, run_parameters));
  TRY_VOID(pod::verify(next));
  return std::move(next.containers.at(container));
}

}  // namespace podrun::supervisor

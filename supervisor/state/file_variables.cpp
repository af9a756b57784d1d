// Environment variables from files in volumes.
#include "supervisor/state/file_variables.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "namespaces/volumes/read_in_volume.hpp"
#include "pod/compile/compile_volumes.hpp"
#include "pod/environment/env_file.hpp"
#include "pod/plan/verify.hpp"

namespace podrun::supervisor {
namespace {

Result<std::optional<std::string>> read(const pod::EnvFile& file, const FileVariables& variables,
                                        const ns::PodMounts& mounts) {
  const auto volume = std::ranges::find(variables.pod.spec.volumes, file.volume, &pod::Volume::name);
  if (volume == variables.pod.spec.volumes.end()) return fail("there is no such volume");
  const pod::VolumeSource source = pod::source_of(*volume, variables.pod, variables.images, variables.run_parameters);
  const pod::host::CloneTree tree{.to = 0, .source = source.path, .label = source.label, .in_memory = source.in_memory};
  return ns::read_in_volume(tree, file.path, pod::longest_env_file, mounts);
}

}  // namespace

std::optional<FileVariables> take_file_variables(LoadedPod& loaded) {
  const auto has_files = [](const pod::Container& container) { return !pod::env_files_of(container).empty(); };
  if (std::ranges::none_of(loaded.pod.spec.containers, has_files)) return std::nullopt;
  return FileVariables{
      .pod = std::move(loaded.pod), .images = std::move(loaded.images), .run_parameters = loaded.run_parameters};
}

std::string variables_in_memory(const std::string& container) { return "variables/" + container; }

std::string to_text(const std::vector<std::string>& variables) {
  std::string text;
  for (const std::string& variable : variables) text.append(variable) += '\0';
  return text;
}

std::vector<std::string> parse_variables(std::string_view text) {
  std::vector<std::string> variables;
  for (std::size_t end; (end = text.find('\0')) != text.npos; text.remove_prefix(end + 1))
    variables.emplace_back(text.substr(0, end));
  return variables;
}

Result<std::optional<pod::ContainerPlan>> plan_with_files(const FileVariables& variables, std::size_t container,
                                                          const pod::HostFacts& facts, const ns::PodMounts& mounts) {
  const pod::Container& its = variables.pod.spec.containers.at(container);
  const auto files = pod::env_files_of(its);
  if (files.empty()) return std::nullopt;
  pod::EnvFiles read_files{.container = its.name, .texts = {}};
  for (const pod::EnvFile& file : files) read_files.texts.emplace(file, read(file, variables, mounts));
  pod::RunParameters run_parameters = variables.run_parameters;
  run_parameters.env_files = std::move(read_files);
  pod::PodPlan plan = TRY(pod::compile(variables.pod, variables.images, facts, run_parameters));
  TRY_VOID(pod::verify(plan));
  return std::move(plan.containers.at(container));
}

}  // namespace podrun::supervisor

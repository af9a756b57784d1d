// podrun check: reports every mistake in manifests, without running them.
#include <algorithm>
#include <string_view>
#include <variant>

#include <fmt/format.h>

#include "namespaces/launch/image_store.hpp"
#include "namespaces/volumes/file_steps.hpp"
#include "pod/annotations/rlimits.hpp"
#include "pod/compile/compile_security.hpp"
#include "pod/manifest/exposure.hpp"
#include "pod/manifest/resources.hpp"
#include "pod/text/paths.hpp"
#include "supervisor/cli/manifest_sources.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/commands/json_output.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/installed_programs.hpp"
#include "supervisor/state/load.hpp"

namespace podrun::supervisor::commands {
namespace {

void warn_of(std::string_view sentence) { note(fmt::format("warning: {}", sentence)); }

/// Warns of images that other users of the host can reach. Images installed with podrun contain nothing that they could
/// misuse.
void warn_of_images(const pod::Images& images, const std::vector<std::string>& roots) {
  for (const auto& [reference, image] : images) {
    const bool is_a_folder = reference.starts_with("rootfs:");
    const auto& rootfs = image.rootfs;
    if (!is_a_folder && !pod::is_at_or_below(rootfs, roots.back())) continue;
    const std::string close = is_a_folder ? rootfs : rootfs.substr(0, rootfs.rfind('/'));
    const std::string sentence = pod::exposure_of_image(reference, ns::image_path_directories(rootfs), close);
    if (!sentence.empty()) warn_of(sentence);
  }
}

/// Warns of hostPaths that lead through links to other places of this host and expose them.
void warn_of_links(const pod::Pod& said, const pod::Pod& resolved, const std::string& root) {
  for (std::size_t i = 0; i < said.spec.volumes.size(); ++i) {
    const auto* host = std::get_if<pod::HostPath>(&said.spec.volumes[i].source);
    if (host == nullptr) continue;
    const auto& there = std::get<pod::HostPath>(resolved.spec.volumes[i].source).path;
    const pod::VolumeUse use = pod::use_of(said.spec, said.spec.volumes[i].name);
    if (there == pod::clean_path(host->path) || !pod::exposures_of(host->path, use, root).empty()) continue;
    for (const std::string& sentence : pod::exposures_of(there, use, root))
      warn_of(fmt::format("volume {}: {} leads to {}: {}", said.spec.volumes[i].name, host->path, there, sentence));
  }
}

/// Warns of hostPaths that the start would refuse: of those with a type, which says what must be there.
void warn_of_missing_paths(const pod::Pod& resolved) {
  for (const pod::Volume& volume : resolved.spec.volumes) {
    const auto* host = std::get_if<pod::HostPath>(&volume.source);
    if (host == nullptr || host->type == pod::HostPathType::Any) continue;
    const std::string fault = ns::host_path_fault({.volume = volume.name, .path = host->path, .type = host->type});
    if (!fault.empty()) warn_of(fault);
  }
}

/// Warns of seccomp profiles that this host does not have; returns whether it has all.
bool has_profiles(const pod::Pod& pod, const pod::HostFacts& facts, const std::string& folder) {
  bool has_all = true;
  for (const std::string& path : pod::localhost_profiles(pod)) {
    if (facts.seccomp_profiles.contains(path)) continue;
    warn_of(fmt::format("seccomp profile {}: there is no such file in {}", path, folder));
    has_all = false;
  }
  return has_all;
}

/// Checks whether the pod can be compiled for this host. The images and seccomp profiles may be on another machine; if
/// one is missing, what depends on it is not checked.
CommandResult<void> check_plan(const pod::Pod& pod, const std::string& source, const Invocation& invocation) {
  const Layout& layout = invocation.layout;
  const auto roots = layout.image_roots(folder_of(invocation.program));
  const auto writable = writable_places(pod, layout.storage(), layout.claims());
  pod::Pod resolved = pod;
  if (const auto done = resolve_host_paths(resolved, {}, writable); done) {
    warn_of_links(pod, resolved, layout.root());
    warn_of_missing_paths(resolved);
  } else {
    warn_of(done.error().message);
  }
  const auto [images, missing] = find_images(pod, roots, writable);
  for (const Error& error : missing) warn_of(error.message);
  warn_of_images(images, roots);
  const pod::HostFacts facts = read_facts_for(pod, layout.storage(), layout.seccomp_profiles());
  const bool has_all = has_profiles(pod, facts, layout.seccomp_profiles());
  if (!missing.empty() || !has_all) return {};
  for (const std::string& sentence : pod::reduced_limits(pod, facts)) warn_of(sentence);
  const auto plan = compile_pod(pod, images, facts,
                                {.uid = "<uid>", .storage = layout.storage(), .claims = layout.claims()}, source);
  if (!plan) return std::unexpected(plan.error());
  return {};
}

/// Prints the notes about fields without effect if `tell`; returns their number.
std::size_t count_notes(const std::vector<pod::ManifestSource>& sources, const Selection& selection, bool tell) {
  const auto manifests = pod::read_manifests(sources, selection.read_options);
  std::size_t count = 0;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    auto notes = manifests.diagnostics[i];
    std::erase_if(notes, [](const auto& d) { return d.severity != pod::Severity::Note; });
    count += notes.size();
    if (tell && !notes.empty()) warn(pod::render(notes, sources[i].name, sources[i].text));
  }
  return count;
}

ExitStatus print_json(const std::vector<pod::ManifestSource>& sources, const Selection& selection) {
  const auto manifests = pod::read_manifests(sources, selection.read_options);
  std::string out;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    const auto is_error = [](const auto& d) { return d.severity == pod::Severity::Error; };
    out += to_json(manifests.diagnostics[i], sources[i].name, std::ranges::none_of(manifests.diagnostics[i], is_error));
  }
  const ExitStatus printed = print(out);
  return pod::has_no_errors(manifests) ? printed : ExitStatus::Invalid;
}

}  // namespace

ExitStatus check(const Invocation& invocation) {
  const Options& options = invocation.options;
  const auto sources = read_sources(options.operands);
  if (!sources) return report_error(sources.error());
  const Selection selection = selection_of(options);
  if (options.format == Format::Json) return print_json(*sources, selection);
  const auto chosen = select_pods(*sources, selection);
  const std::size_t notes = count_notes(*sources, selection, options.verbose);
  if (!chosen) return report_error(chosen.error());
  warn(chosen->warnings);
  std::string out;
  for (const auto& [pod, source] : chosen->pods) {
    if (const auto planned = check_plan(pod, source, invocation); !planned) return report_error(planned.error());
    const std::size_t count = pod.spec.containers.size();
    out += fmt::format("{}: ok\npod {}/{}, {} container{}\n", source, pod.metadata.namespace_name, pod.metadata.name,
                       count, count == 1 ? "" : "s");
    if (const std::string unenforced = pod::unenforced_resources(pod.spec); !unenforced.empty())
      out += unenforced + "\n";
  }
  if (notes > 0 && !options.verbose)
    out +=
        fmt::format("{} field{} without effect on one node: podrun check -v tells why\n", notes, notes == 1 ? "" : "s");
  return print(out);
}

}  // namespace podrun::supervisor::commands

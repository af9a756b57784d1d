// podrun check: reports every mistake in manifests, without running them.
#include <algorithm>
#include <cerrno>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "namespaces/launch/image_store.hpp"
#include "namespaces/volumes/file_steps.hpp"
#include "namespaces/volumes/mounts.hpp"
#include "pod/annotations/rlimits.hpp"
#include "pod/manifest/exposure.hpp"
#include "pod/manifest/resources.hpp"
#include "pod/spec/pod_name.hpp"
#include "pod/text/paths.hpp"
#include "supervisor/cli/load_pods.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/commands/json_output.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/installed_programs.hpp"

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

/// Warns of hostPaths that the start would refuse.
void warn_of_missing_paths(const pod::Pod& resolved) {
  for (const pod::Volume& volume : resolved.spec.volumes) {
    const auto* host = std::get_if<pod::HostPath>(&volume.source);
    if (host == nullptr) continue;
    const std::string fault = ns::host_path_fault({.volume = volume.name, .path = host->path, .type = host->type});
    if (!fault.empty()) warn_of(fault);
  }
}

/// Warns of mounts of the host that nothing would propagate to or from: the start refuses them.
void warn_of_propagation(const pod::Pod& resolved) {
  for (const pod::Container& container : resolved.spec.containers)
    for (const pod::VolumeMount& mount : container.volume_mounts) {
      const auto volume = std::ranges::find(resolved.spec.volumes, mount.name, &pod::Volume::name);
      if (volume == resolved.spec.volumes.end()) continue;
      const auto* host = std::get_if<pod::HostPath>(&volume->source);
      if (host == nullptr) continue;
      const std::string fault = ns::propagation_fault(host->path, mount.mount_propagation);
      if (!fault.empty()) warn_of(fmt::format("container {}: volume {}: {}", container.name, mount.name, fault));
    }
}

/// The manifests of one call, and what is found in them.
struct Checked {
  const std::vector<pod::ManifestSource>& sources;
  pod::Manifests manifests;

  void add(const pod::ParsedPod& pod, const std::vector<Error>& errors, pod::Severity severity) {
    add_diagnostics(manifests, sources, pod, errors, severity);
  }
  bool is_sound() const { return pod::has_no_errors(manifests); }
};

/// Checks whether the pod can be compiled for this host. Images and seccomp profiles may be on another machine; if one is
/// missing, what depends on it is not checked. Of a pod that is not sound only the mistakes are told.
void check_on_host(const pod::ParsedPod& parsed, bool is_sound, Checked& checked, const Invocation& invocation) {
  const pod::Pod& pod = parsed.pod;
  const Layout& layout = invocation.layout;
  const auto roots = layout.image_roots(folder_of(invocation.program));
  const auto writable = writable_places(pod, layout.storage(), layout.claims());
  pod::Pod resolved = pod;
  if (const auto done = resolve_host_paths(resolved, {}, writable); !done) {
    checked.add(parsed, {done.error()}, pod::Severity::Warning);
  } else if (is_sound) {
    warn_of_links(pod, resolved, layout.root());
    warn_of_missing_paths(resolved);
    warn_of_propagation(resolved);
  }
  const auto [images, missing] = find_images(pod, roots, writable);
  checked.add(parsed, pod::image_errors(pod, missing), pod::Severity::Warning);
  if (is_sound) warn_of_images(images, roots);
  const pod::HostFacts facts = read_facts_for(pod, layout.storage(), layout.seccomp_profiles());
  if (is_sound)
    for (const std::string& sentence : pod::reduced_limits(pod, facts)) warn_of(sentence);
  const auto plan = compile_pod(pod, images, facts,
                                {.uid = "<uid>", .storage = layout.storage(), .claims = layout.claims()});
  if (plan) return;
  for (const Error& error : plan.error().errors)
    checked.add(parsed, {error}, error.number == ENOENT ? pod::Severity::Warning : pod::Severity::Error);
}

std::size_t count_notes(const pod::Manifests& manifests) {
  std::size_t count = 0;
  for (const auto& diagnostics : manifests.diagnostics)
    count += static_cast<std::size_t>(std::ranges::count(diagnostics, pod::Severity::Note, &pod::Diagnostic::severity));
  return count;
}

/// Prints the notes about fields without effect.
void print_notes(const Checked& checked) {
  for (std::size_t i = 0; i < checked.sources.size(); ++i) {
    auto notes = checked.manifests.diagnostics[i];
    std::erase_if(notes, [](const auto& d) { return d.severity != pod::Severity::Note; });
    if (!notes.empty()) warn(pod::render(notes, checked.sources[i].name, checked.sources[i].text));
  }
}

ExitStatus print_json(const Checked& checked) {
  std::string out;
  for (std::size_t i = 0; i < checked.sources.size(); ++i) {
    const auto is_error = [](const auto& d) { return d.severity == pod::Severity::Error; };
    auto diagnostics = checked.manifests.diagnostics[i];
    std::ranges::stable_sort(diagnostics, {}, [](const auto& d) { return std::pair(d.at.line, d.at.column); });
    out += to_json(diagnostics, checked.sources[i].name, std::ranges::none_of(diagnostics, is_error));
  }
  const ExitStatus printed = print(out);
  return checked.is_sound() ? printed : ExitStatus::Invalid;
}

}  // namespace

ExitStatus check(const Invocation& invocation) {
  const Options& options = invocation.options;
  const auto sources = read_sources(options.operands);
  if (!sources) return report_error(sources.error());
  const Selection selection = selection_of(options);
  Checked checked{.sources = *sources, .manifests = pod::read_manifests(*sources, selection.read_options)};
  const auto selected = select_among(*sources, checked.manifests, selection, false);
  const bool is_sound = checked.is_sound();
  if (!selected && is_sound && options.format != Format::Json) return report_error(selected.error());
  for (const pod::ParsedPod& each : checked.manifests.pods)
    if (is_selected(each.pod, selection)) check_on_host(each, is_sound, checked, invocation);
  if (options.format == Format::Json) return print_json(checked);
  if (options.verbose) print_notes(checked);
  const std::string shown = shown_diagnostics(*sources, checked.manifests);
  if (!checked.is_sound()) return report_error(CommandError{ExitStatus::Invalid, shown});
  warn(shown);
  std::string out;
  for (const std::size_t index : *selected) {
    const pod::Pod& pod = checked.manifests.pods[index].pod;
    const std::string& source = (*sources)[checked.manifests.pods[index].source].name;
    const std::size_t count = pod.spec.containers.size();
    out += fmt::format("{}: ok\npod {}, {} container{}\n", source, pod::pod_name(pod::pod_id(pod.metadata)), count,
                       count == 1 ? "" : "s");
    if (const std::string unenforced = pod::unenforced_resources(pod.spec); !unenforced.empty())
      out += unenforced + "\n";
  }
  const std::size_t notes = count_notes(checked.manifests);
  if (notes > 0 && !options.verbose)
    out +=
        fmt::format("{} field{} without effect on one node: podrun check -v tells why\n", notes, notes == 1 ? "" : "s");
  return print(out);
}

}  // namespace podrun::supervisor::commands

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
#include "pod/compile/compile_network.hpp"
#include "pod/compile/host_errors.hpp"
#include "pod/manifest/exposure.hpp"
#include "pod/manifest/resources.hpp"
#include "pod/spec/pod_name.hpp"
#include "pod/text/paths.hpp"
#include "supervisor/cli/load_pods.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/commands/json_output.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/installed_programs.hpp"
#include "supervisor/state/network_setup.hpp"

namespace podrun::supervisor::commands {
namespace {

/// The images that other users of the host can reach, with what to do about it. Images installed with podrun contain
/// nothing that they could misuse.
pod::MissingImages exposed_images(const pod::Images& images, const std::vector<std::string>& roots) {
  pod::MissingImages exposed;
  for (const auto& [reference, image] : images) {
    const bool is_a_folder = reference.starts_with("rootfs:");
    const auto& rootfs = image.rootfs;
    if (rootfs.empty()) continue;  // in the store, which nobody else can enter
    if (!is_a_folder && !pod::is_at_or_below(rootfs, roots.back())) continue;
    const std::string close = is_a_folder ? rootfs : rootfs.substr(0, rootfs.rfind('/'));
    const std::string sentence = pod::exposure_of_image(reference, ns::image_path_directories(rootfs), close);
    if (!sentence.empty()) exposed.emplace(reference, Error{sentence});
  }
  return exposed;
}

/// Of a hostPath what other places of this host it exposes by links, and why the start would refuse it: a type says
/// what must be there.
std::vector<std::string> host_path_warnings(const std::string& volume, const std::string& said,
                                            const pod::HostPath& there, pod::VolumeUse use, const std::string& root) {
  std::vector<std::string> sentences;
  if (there.path != pod::clean_path(said) && pod::exposures_of(said, use, root).empty())
    for (const std::string& sentence : pod::exposures_of(there.path, use, root))
      sentences.push_back(fmt::format("volume {}: {} leads to {}: {}", volume, said, there.path, sentence));
  const std::string fault = ns::host_path_fault({.volume = volume, .path = there.path, .type = there.type});
  if (!fault.empty()) sentences.push_back(fault);
  return sentences;
}

/// Warns of hostPaths; `resolved` is the pod with their links followed.
std::vector<Error> warnings_of_paths(const pod::Pod& pod, const pod::Pod& resolved, const std::string& root) {
  std::vector<Error> warnings;
  for (std::size_t i = 0; i < pod.spec.volumes.size(); ++i) {
    const pod::Volume& volume = pod.spec.volumes[i];
    const auto* said = std::get_if<pod::HostPath>(&volume.source);
    if (said == nullptr) continue;
    const auto& there = std::get<pod::HostPath>(resolved.spec.volumes[i].source);
    for (std::string& sentence :
         host_path_warnings(volume.name, said->path, there, pod::use_of(pod.spec, volume.name), root))
      warnings.push_back({std::move(sentence), 0, fmt::format("spec.volumes[{}].hostPath.path", i)});
  }
  return warnings;
}

/// Warns of limits that this host does not grant.
std::vector<Error> warnings_of_limits(const pod::Pod& pod, const pod::HostFacts& facts) {
  std::vector<Error> warnings;
  for (std::string& sentence : pod::reduced_limits(pod, facts))
    warnings.push_back({std::move(sentence), 0, "metadata.annotations"});
  return warnings;
}

/// Warns of mounts of the host that nothing would propagate to or from: the start refuses them.
std::vector<Error> warnings_of_propagation(const pod::Pod& resolved) {
  std::vector<Error> warnings;
  const pod::PodSpec& spec = resolved.spec;
  for (std::size_t i = 0; i < spec.containers.size(); ++i)
    for (std::size_t m = 0; m < spec.containers[i].volume_mounts.size(); ++m) {
      const pod::VolumeMount& mount = spec.containers[i].volume_mounts[m];
      const auto volume = std::ranges::find(spec.volumes, mount.name, &pod::Volume::name);
      if (volume == spec.volumes.end()) continue;
      const auto* host = std::get_if<pod::HostPath>(&volume->source);
      if (host == nullptr) continue;
      const std::string fault = ns::propagation_fault(host->path, mount.mount_propagation);
      if (!fault.empty())
        warnings.push_back(
            {fmt::format("container {}: volume {}: {}", spec.containers[i].name, mount.name, fault), 0,
             pod::field_of_container(spec, i, fmt::format("volumeMounts[{}].mountPropagation", m))});
    }
  return warnings;
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

/// Reads the facts of a network that is connected to the host.
Result<> read_network(const Layout& layout, const pod::Pod& pod, pod::HostFacts& facts) {
  if (is_connected(pod)) facts.network = read_network_facts(layout, TRY(read_network_config(layout)));
  return {};
}

/// Checks whether the pod can be compiled for this host. Images and seccomp profiles may be on another machine; if one is
/// missing, what depends on it is not checked. Of a pod that is not sound only the mistakes are told.
void check_on_host(const pod::ParsedPod& parsed, bool is_sound, Checked& checked, const Invocation& invocation) {
  const pod::Pod& pod = parsed.pod;
  const Layout& layout = invocation.layout;
  const ImagePlaces places = image_places(layout, folder_of(invocation.program));
  const auto writable = writable_places(pod, layout.storage(), layout.claims());
  pod::Pod resolved = pod;
  if (const auto done = resolve_host_paths(resolved, {}, writable); !done) {
    checked.add(parsed, {done.error()}, pod::Severity::Warning);
  } else if (is_sound) {
    checked.add(parsed, warnings_of_paths(pod, resolved, layout.root()), pod::Severity::Warning);
    checked.add(parsed, warnings_of_propagation(resolved), pod::Severity::Warning);
  }
  const ImageLookup found = find_images(pod, places, writable, Fetching::Foreseen);
  checked.add(parsed, pod::image_errors(pod, found.missing), pod::Severity::Warning);
  checked.add(parsed, pod::image_errors(pod, found.to_fetch), pod::Severity::Warning);
  if (is_sound)
    checked.add(parsed, pod::image_errors(pod, exposed_images(found.images, places.roots)), pod::Severity::Warning);
  pod::HostFacts facts = read_facts_for(pod, layout.storage(), layout.seccomp_profiles());
  if (is_sound) checked.add(parsed, warnings_of_limits(pod, facts), pod::Severity::Warning);
  if (const auto read = read_network(layout, pod, facts); !read)
    checked.add(parsed, {Error{read.error().message, 0, "metadata.annotations"}}, pod::Severity::Warning);
  const auto plan = compile_pod(resolved, found.images, facts,
                                {.uid = "<uid>",
                                 .storage = layout.storage(),
                                 .claims = layout.claims(),
                                 .awaited_images = found.awaited});
  if (plan) return checked.add(parsed, foreseen_errors(resolved, *plan), pod::Severity::Error);
  for (const Error& error : plan.error().errors)
    checked.add(parsed, {error},
                error.number == ENOENT || pod::is_lack_of_network(error) ? pod::Severity::Warning
                                                                         : pod::Severity::Error);
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

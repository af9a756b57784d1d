// Reads the manifests that a command line names, and selects pods.
#include "supervisor/cli/manifest_sources.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/fd.hpp"
#include "pod/spec/pod_name.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::supervisor {
namespace {

namespace fs = std::filesystem;

std::unexpected<CommandError> unreadable(const std::string& name, int error) {
  return fail_command(ExitStatus::Invalid, fmt::format("{}: {}", name, ::strerror(error)));
}

/// Whether a word may be an image, which podman and docker run: "nginx:1", "localhost/busybox".
bool may_be_image(const std::string& word) {
  return !word.starts_with('/') && !word.starts_with('.') && !word.ends_with(".yaml") && !word.ends_with(".yml") &&
         !word.ends_with(".json");
}

CommandResult<pod::ManifestSource> read_source(const std::string& path) {
  // One byte more than the reader accepts, so that it can report the excess.
  constexpr std::size_t longest_read = pod::yaml::max_bytes + 1;
  pod::ManifestSource source{.name = path == "-" ? "<stdin>" : path, .text = {}};
  Fd file;
  if (path != "-") file = Fd(::open(path.c_str(), O_RDONLY | O_NOCTTY | O_CLOEXEC));
  if (path != "-" && !file && errno == ENOENT && may_be_image(path))
    return fail_command(ExitStatus::Invalid,
                        fmt::format("{}: there is no such file; podrun runs manifests, which name images", path));
  if (path != "-" && !file) return unreadable(path, errno);
  const int from = file ? file.get() : STDIN_FILENO;
  char buffer[16 * 1024];
  while (source.text.size() < longest_read) {
    const ssize_t got = ::read(from, buffer, std::min(sizeof buffer, longest_read - source.text.size()));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable(source.name, errno);
    if (got == 0) break;
    source.text.append(buffer, static_cast<std::size_t>(got));
  }
  return source;
}

CommandResult<std::vector<std::string>> manifests_in(const std::string& folder) {
  constexpr std::array<std::string_view, 3> extensions{".yaml", ".yml", ".json"};
  std::vector<std::string> paths;
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename().string(), extension = entry->path().extension().string();
    if (!name.starts_with('.') && std::ranges::find(extensions, extension) != extensions.end())
      paths.push_back(entry->path().string());
  }
  if (error) return unreadable(folder, error.value());
  if (paths.empty())
    return fail_command(ExitStatus::Invalid, folder + ": a folder without manifests (*.yaml, *.yml, *.json)");
  std::ranges::sort(paths);
  return paths;
}

/// "a, b, c"
std::string names_of(const std::vector<pod::ParsedPod>& pods, const Selection& selection) {
  std::vector<std::string> names;
  for (const pod::ParsedPod& each : pods)
    if (is_selected(each.pod, selection)) names.push_back(pod::pod_name(pod::pod_id(each.pod.metadata)));
  return pod::joined(names, ", ");
}

/// The message about sources that have no pod.
std::string no_pod_in(const std::vector<pod::ManifestSource>& sources, bool have_objects) {
  return fmt::format("podrun: there is no pod in {}{}\n", sources.size() == 1 ? sources[0].name : "these files",
                     have_objects ? ": give it along with the file of a pod that uses it" : "");
}

}  // namespace

CommandResult<std::vector<pod::ManifestSource>> read_sources(const std::vector<std::string>& operands) {
  std::vector<pod::ManifestSource> sources;
  for (const std::string& operand : operands) {
    std::vector<std::string> paths{operand};
    std::error_code error;
    if (operand != "-" && fs::is_directory(operand, error)) {
      auto found = manifests_in(operand);
      if (!found) return std::unexpected(std::move(found.error()));
      paths = std::move(*found);
    }
    for (const std::string& path : paths) {
      auto source = read_source(path);
      if (!source) return std::unexpected(std::move(source.error()));
      sources.push_back(std::move(*source));
    }
  }
  return sources;
}

Selection selection_of(const Options& options) {
  return {.read_options = {.leniency = options.lenient ? pod::Leniency::Lenient : pod::Leniency::Strict,
                           .namespace_name = options.namespace_name,
                           .root = options.root},
          .pod = options.pod};
}

std::string shown_diagnostics(const std::vector<pod::ManifestSource>& sources, const pod::Manifests& manifests) {
  std::string text;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    auto diagnostics = manifests.diagnostics[i];
    std::erase_if(diagnostics, [](const pod::Diagnostic& d) { return d.severity == pod::Severity::Note; });
    if (!diagnostics.empty()) text += pod::render(diagnostics, sources[i].name, sources[i].text);
  }
  return text;
}

bool is_selected(const pod::Pod& pod, const Selection& selection) {
  const std::string id = pod::pod_id(pod.metadata);
  return selection.pod.empty() || pod.metadata.name == selection.pod || id == selection.pod ||
         pod::pod_name(id) == selection.pod;
}

CommandResult<std::vector<std::size_t>> select_among(const std::vector<pod::ManifestSource>& sources,
                                                     const pod::Manifests& manifests, const Selection& selection,
                                                     bool only_one) {
  if (manifests.pods.empty())
    return std::unexpected(
        CommandError{ExitStatus::Invalid,
                     shown_diagnostics(sources, manifests) + no_pod_in(sources, manifests.have_objects)});
  std::vector<std::size_t> selected;
  for (std::size_t i = 0; i < manifests.pods.size(); ++i)
    if (is_selected(manifests.pods[i].pod, selection)) selected.push_back(i);
  if (selected.empty())
    return fail_command(ExitStatus::Invalid, fmt::format("there is no pod {} in the manifests; they describe {}",
                                                         pod::in_quotes(selection.pod), names_of(manifests.pods, {})));
  if (only_one && selected.size() > 1)
    return fail_command(ExitStatus::Invalid, fmt::format("there are {} pods: {}; --pod NAME picks one", selected.size(),
                                                         names_of(manifests.pods, selection)));
  return selected;
}

CommandResult<SelectedPods> select_pods(const std::vector<pod::ManifestSource>& sources, const Selection& selection,
                                        bool only_one) {
  pod::Manifests manifests = pod::read_manifests(sources, selection.read_options);
  SelectedPods chosen{.pods = {}, .warnings = shown_diagnostics(sources, manifests)};
  if (!pod::has_no_errors(manifests))
    return std::unexpected(CommandError{ExitStatus::Invalid, std::move(chosen.warnings)});
  const auto selected = select_among(sources, manifests, selection, only_one);
  if (!selected) return std::unexpected(selected.error());
  for (const std::size_t index : *selected)
    chosen.pods.push_back({std::move(manifests.pods[index].pod), sources[manifests.pods[index].source].name});
  return chosen;
}

CommandResult<SelectedPods> select_pod(const std::vector<pod::ManifestSource>& sources, const Selection& selection) {
  return select_pods(sources, selection, true);
}

}  // namespace podrun::supervisor

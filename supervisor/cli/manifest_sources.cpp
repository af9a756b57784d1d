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
#include "pod/text/joined.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::supervisor {
namespace {

namespace fs = std::filesystem;

std::unexpected<CommandError> unreadable(const std::string& name, int error) {
  return fail_command(ExitStatus::Invalid, fmt::format("{}: {}", name, ::strerror(error)));
}

CommandResult<pod::ManifestSource> read_source(const std::string& path) {
  // One byte more than the reader accepts, so that it can report the excess.
  constexpr std::size_t longest_read = pod::yaml::max_bytes + 1;
  pod::ManifestSource source{.name = path == "-" ? "<stdin>" : path, .text = {}};
  Fd file;
  if (path != "-") file = Fd(::open(path.c_str(), O_RDONLY | O_NOCTTY | O_CLOEXEC));
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
std::string names_of(const std::vector<SelectedPod>& pods) {
  std::vector<std::string> names;
  for (const SelectedPod& chosen : pods) names.push_back(chosen.pod.metadata.name);
  return pod::joined(names, ", ");
}

std::string shown(const std::vector<pod::ManifestSource>& sources, pod::Manifests& manifests) {
  std::string text;
  for (std::size_t i = 0; i < sources.size(); ++i) {
    auto& diagnostics = manifests.diagnostics[i];
    std::erase_if(diagnostics, [](const pod::Diagnostic& d) { return d.severity == pod::Severity::Note; });
    if (!diagnostics.empty()) text += pod::render(diagnostics, sources[i].name, sources[i].text);
  }
  return text;
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

CommandResult<SelectedPods> select_pods(const std::vector<pod::ManifestSource>& sources, const Selection& selection) {
  pod::Manifests manifests = pod::read_manifests(sources, selection.read_options);
  const bool sound = pod::has_no_errors(manifests);
  SelectedPods chosen{.pods = {}, .warnings = shown(sources, manifests)};
  if (!sound) return std::unexpected(CommandError{ExitStatus::Invalid, std::move(chosen.warnings)});
  for (pod::ParsedPod& found : manifests.pods)
    chosen.pods.push_back({std::move(found.pod), sources[found.source].name});
  if (chosen.pods.empty())
    return std::unexpected(
        CommandError{ExitStatus::Invalid, chosen.warnings + "podrun: there is no pod in " +
                                              (sources.size() == 1 ? sources[0].name : "these files") + "\n"});
  if (selection.pod.empty()) return chosen;
  const std::string names = names_of(chosen.pods);
  std::erase_if(chosen.pods, [&](const SelectedPod& each) {
    return each.pod.metadata.name != selection.pod && pod::pod_id(each.pod.metadata) != selection.pod;
  });
  if (chosen.pods.empty())
    return fail_command(ExitStatus::Invalid,
                        fmt::format("there is no pod {}; there are {}", pod::in_quotes(selection.pod), names));
  return chosen;
}

CommandResult<SelectedPods> select_pod(const std::vector<pod::ManifestSource>& sources, const Selection& selection) {
  auto chosen = select_pods(sources, selection);
  if (chosen && chosen->pods.size() > 1)
    return fail_command(ExitStatus::Invalid, fmt::format("there are {} pods: {}; --pod NAME picks one",
                                                         chosen->pods.size(), names_of(chosen->pods)));
  return chosen;
}

CommandResult<SelectedPods> select_pod(const Options& options) {
  const auto sources = read_sources(options.operands);
  if (!sources) return std::unexpected(sources.error());
  return select_pod(*sources, selection_of(options));
}

}  // namespace podrun::supervisor

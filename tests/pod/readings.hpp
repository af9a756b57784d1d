// Reads texts as manifests, for tests: the pods that result, and what is said.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "pod/manifest/manifests.hpp"

namespace podrun::pod {

using Lines = std::vector<std::string>;

inline Manifests read(const Lines& texts, const ReadOptions& how = {}) {
  std::vector<ManifestSource> sources;
  for (const std::string& text : texts) sources.push_back({fmt::format("{}.yaml", sources.size() + 1), text});
  return read_manifests(sources, how);
}

/// The diagnostics in order, each as "SOURCE:LINE:COLUMN SEVERITY: MESSAGE (HINT)".
inline Lines said(const Manifests& manifests) {
  Lines lines;
  for (std::size_t i = 0; i < manifests.diagnostics.size(); ++i)
    for (const auto& [at, message, hint, severity] : manifests.diagnostics[i])
      lines.push_back(fmt::format("{}:{}:{} {}: {}{}", i + 1, at.line, at.column, name_of(severity), message,
                                  hint.empty() ? "" : " (" + hint + ")"));
  return lines;
}

/// The errors and warnings, without the notes.
inline Lines loud(const Manifests& manifests) {
  Lines lines = said(manifests);
  std::erase_if(lines, [](const std::string& line) { return line.contains(" note: "); });
  return lines;
}

/// The errors of one text in order, each as "LINE:COLUMN MESSAGE (HINT)".
inline Lines errors(std::string_view text) {
  Lines lines;
  const Manifests manifests = read({std::string(text)});
  for (const auto& [at, message, hint, severity] : manifests.diagnostics.at(0))
    if (severity == Severity::Error)
      lines.push_back(fmt::format("{}:{} {}{}", at.line, at.column, message, hint.empty() ? "" : " (" + hint + ")"));
  return lines;
}

/// The id of each pod, "NAMESPACE_NAME".
inline Lines pods(const Manifests& manifests) {
  Lines ids;
  for (const ParsedPod& found : manifests.pods) ids.push_back(pod_id(found.pod.metadata));
  return ids;
}

}  // namespace podrun::pod

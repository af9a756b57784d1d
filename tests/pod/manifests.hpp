// Manifests for tests: the smallest valid Pod, with the lines that a test adds.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "pod/manifest/parse.hpp"

namespace podrun::pod {

/// The parts of a manifest that a test changes. Lines carry their own indentation and line ends.
struct ManifestParts {
  std::string_view metadata = "  name: web\n";
  std::string_view spec = "";
  std::string_view container = "";
};

/// A manifest of one container `app`. The metadata begin on line 4, and the spec on line 6 if no lines of metadata are
/// added.
inline std::string manifest(const ManifestParts& parts = {}) {
  return fmt::format(
      "apiVersion: v1\n"
      "kind: Pod\n"
      "metadata:\n{}"
      "spec:\n{}"
      "  containers:\n"
      "  - name: app\n"
      "    image: localhost/busybox\n{}",
      parts.metadata, parts.spec, parts.container);
}

/// The errors of parse(), each as "LINE:COLUMN MESSAGE", followed by " (HINT)" if it has one.
inline std::vector<std::string> mistakes(std::string_view text) {
  std::vector<std::string> out;
  const auto pod = parse(text);
  if (pod) return out;
  for (const auto& [at, message, hint, severity] : pod.error())
    out.push_back(
        fmt::format("{}:{} {}{}", at.line, at.column, message, hint.empty() ? "" : " (" + hint + ")"));
  return out;
}

/// The only error of a text. If there is not exactly one: their number, and the first one.
inline std::string mistake(std::string_view text) {
  const std::vector<std::string> all = mistakes(text);
  return all.size() == 1 ? all.front()
                         : fmt::format("{} mistakes: {}", all.size(), all.empty() ? "" : all.front());
}

}  // namespace podrun::pod

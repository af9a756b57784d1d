// Manifests for tests: the least that is a Pod, with lines put in where a test wants them.
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

/// A manifest of one container `app`. Its parts begin on line 4 (metadata) and, with none put in, line 6
/// (spec).
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

/// What parse() finds wrong, each as "LINE:COLUMN MESSAGE" and, if there is one, " (HINT)".
inline std::vector<std::string> mistakes(std::string_view text) {
  std::vector<std::string> out;
  const auto pod = parse(text);
  if (pod) return out;
  for (const auto& [at, message, hint, severity] : pod.error())
    out.push_back(
        fmt::format("{}:{} {}{}", at.line, at.column, message, hint.empty() ? "" : " (" + hint + ")"));
  return out;
}

/// The only mistake of a text; says how many there are if not one.
inline std::string mistake(std::string_view text) {
  const std::vector<std::string> all = mistakes(text);
  return all.size() == 1 ? all.front()
                         : fmt::format("{} mistakes: {}", all.size(), all.empty() ? "" : all.front());
}

}  // namespace podrun::pod

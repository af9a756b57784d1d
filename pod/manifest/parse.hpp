// Parses the manifest of a Pod. A field that podrun does not know is an error.
#pragma once

#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic.hpp"
#include "pod/text/diagnostic_collector.hpp"

namespace podrun::pod {

/// Decodes and validates one Pod manifest (YAML or JSON, UTF-8, at most 64 MiB). On failure returns the errors of the
/// text in the order of their places, at most the first hundred. Does not look up images. Never throws.
std::expected<Pod, std::vector<Diagnostic>> parse(std::string_view text);

/// The Pod, if the manifest is valid, and all errors, warnings and notes.
struct ParseResult {
  std::optional<Pod> pod;
  std::vector<Diagnostic> diagnostics;
};

/// As parse(), but also returns warnings and notes, and can be lenient.
ParseResult parse_with_diagnostics(std::string_view text, Leniency leniency);

}  // namespace podrun::pod

// Text → Pod. Strict: what podrun does not know is an error with its place.
#pragma once

#include <expected>
#include <optional>
#include <string_view>
#include <vector>

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic.hpp"
#include "pod/text/diagnostic_collector.hpp"

namespace podrun::pod {

/// Decodes and validates one Pod manifest (YAML or JSON, UTF-8, at most 1 MiB). Never throws; on failure
/// returns every mistake of the text (of very many, the first hundred), in order of its place. References to
/// images are not followed here.
std::expected<Pod, std::vector<Diagnostic>> parse(std::string_view text);

/// What there is to say of a manifest: the Pod if it is one, and every mistake, warning and note.
struct ParseResult {
  std::optional<Pod> pod;
  std::vector<Diagnostic> diagnostics;
};

/// parse() that also tells warnings and notes, and may forgive.
ParseResult parse_with_diagnostics(std::string_view text, Leniency leniency);

}  // namespace podrun::pod

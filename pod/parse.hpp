// Text → Pod. Strict: what podrun does not know is an error with its place.
#pragma once

#include <expected>
#include <string_view>
#include <vector>

#include "pod/diagnostic.hpp"
#include "pod/spec.hpp"

namespace podrun::pod {

/// Decodes and validates one Pod manifest (YAML or JSON, UTF-8, at most 1 MiB). Never throws; on failure
/// returns every mistake of the text (of very many, the first hundred), in order of its place. References to
/// images are not followed here.
std::expected<Pod, std::vector<Diagnostic>> parse(std::string_view text);

}  // namespace podrun::pod

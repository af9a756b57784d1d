// What a YAML scalar is: strict where YAML guesses, so that no "no" becomes a boolean unseen.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace podrun::pod {

/// What YAML 1.1 and 1.2 parsers, taken together, may make of a plain scalar.
enum class ScalarKind { String, Number, Boolean };

/// Classifies a plain (unquoted) scalar. What any common parser reads as a number or boolean is no String.
ScalarKind classify(std::string_view plain);

/// An integer as Kubernetes' YAML 1.1 reads it: decimal, 0644 and 0o644 octal, 0x1f, 0b11, '_' between digits. The
/// error says what it must be, as the end of a sentence.
std::expected<std::int64_t, std::string> to_integer(std::string_view plain);

/// A boolean of YAML 1.1: true, yes, on, y and their opposites, in small letters, capitals, or with one capital.
std::optional<bool> to_boolean(std::string_view plain);

}  // namespace podrun::pod

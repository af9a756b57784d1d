// Types of YAML scalars. Classification is strict where YAML's implicit typing is ambiguous, so that a plain "no" does
// not become a boolean unnoticed.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace podrun::pod {

/// The type that a YAML 1.1 or 1.2 parser may give to a plain scalar.
enum class ScalarKind { String, Number, Boolean };

/// Classifies a plain (unquoted) scalar. A scalar that any common parser reads as a number or boolean is not a String.
ScalarKind classify(std::string_view plain);

/// Parses an integer as Kubernetes' YAML 1.1 does: decimal, octal (0644 and 0o644), 0x1f, 0b11, '_' between digits, and
/// decimal fractions and exponents that yield a whole number (80.0, 8e1). The error states the requirement, as the end
/// of a sentence.
std::expected<std::int64_t, std::string> to_integer(std::string_view plain);

/// Parses a boolean of YAML 1.1: true, yes, on, y and their opposites, in lower case, upper case, or with an initial
/// capital.
std::optional<bool> to_boolean(std::string_view plain);

}  // namespace podrun::pod

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

/// A decimal integer without leading zeros, signs other than '-', or separators. The error says what it must
/// be, as the end of a sentence.
std::expected<std::int64_t, std::string> to_integer(std::string_view plain);

/// true or false, and no other spelling of them.
std::optional<bool> to_boolean(std::string_view plain);

}  // namespace podrun::pod

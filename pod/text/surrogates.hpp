// JSON's way to write what lies beyond U+FFFF: two escapes, which yaml-cpp 0.7 refuses.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace podrun::pod {

/// A text with each pair such as \ud83d\ude00 written as one YAML escape, \U0001f600.
struct JoinedText {
  static constexpr std::size_t saved = 2;  ///< bytes that a join makes the text shorter by

  std::string text;
  std::vector<std::size_t> joins;  ///< where in `text` the joined escapes begin
};

/// Joins every pair, wherever it stands.
JoinedText join_surrogates(std::string_view text);

}  // namespace podrun::pod

// JSON writes a code point above U+FFFF as two escapes, a surrogate pair. yaml-cpp 0.7 refuses such escapes.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace podrun::pod {

/// A text in which each surrogate pair such as \ud83d\ude00 is one YAML escape, \U0001f600.
struct JoinedText {
  static constexpr std::size_t saved = 2;  ///< the number of bytes by which a join shortens the text

  std::string text;
  std::vector<std::size_t> joins;  ///< the positions of the joined escapes in `text`
};

/// Joins all surrogate pairs of a text.
JoinedText join_surrogates(std::string_view text);

}  // namespace podrun::pod

// Escapes, quotes, cuts and wraps text from manifests and images for podrun's output.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace podrun::pod {

/// The text with each unprintable character (is_printable() in utf8_text.hpp) as an escape of bash's $'…': \n, \x1b,
/// \u202e.
std::string escaped(std::string_view text);

/// The words of a command on one line, quoted for a shell: plain, '…', or $'…' where a character is escaped.
std::string shell_words(const std::vector<std::string>& words);

/// The number of terminal columns that a text occupies.
std::size_t width(std::string_view text);

/// The text, cut to at most `columns` columns with "…" in place of the rest.
std::string shortened(std::string_view text, std::size_t columns);

/// The text in lines of at most `columns` columns, broken at spaces. A longer word gets a line of its own.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns);

}  // namespace podrun::pod

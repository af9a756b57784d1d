// Text of manifests and images in the lines that podrun prints.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace podrun::pod {

/// The text with everything unprintable (see text.hpp) as an escape that bash's $'…' reads back: \n, \x1b,
/// \u202e.
std::string escaped(std::string_view text);

/// The words of a command as a shell would read them, on one line: plain, '…', or $'…' where something is
/// escaped.
std::string shell_words(const std::vector<std::string>& words);

/// How many columns of a terminal a text takes.
std::size_t width(std::string_view text);

/// At most `columns` columns of a text; what is cut off is shown as "…".
std::string shortened(std::string_view text, std::size_t columns);

/// A text in lines of at most `columns` columns, broken at spaces; a longer word has a line of its own.
std::vector<std::string> wrapped(std::string_view text, std::size_t columns);

}  // namespace podrun::pod

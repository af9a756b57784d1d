// Text in aligned columns.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace podrun::supervisor {

/// Formats rows of cells as lines. Each column is as wide as its widest cell, and three blanks separate columns. The
/// last cell of a row is not padded, and rows may have different numbers of cells. Widths are columns of a terminal.
std::string aligned(const std::vector<std::vector<std::string>>& rows, std::size_t indent = 0);

/// A size as people read it: "17 B", "1.5 MiB".
std::string human_size(std::uint64_t bytes);

/// A term and what it means.
struct Definition {
  std::string term;
  std::string_view meaning;
};

/// Breaks a text into lines of at most `width` columns. A newline in the text is a blank; an empty line separates
/// paragraphs.
std::string wrapped(std::string_view text, std::size_t width);

/// Formats definitions as two columns, at most `width` wide. A term of more than `most` columns has a line of its own.
std::string definition_list(const std::vector<Definition>& definitions, std::size_t most, std::size_t width);

}  // namespace podrun::supervisor

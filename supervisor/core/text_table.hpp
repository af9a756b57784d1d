// Text in aligned columns.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace podrun::supervisor {

/// Formats rows of cells as lines. Each column is as wide as its widest cell, and three blanks separate columns. The
/// last cell of a row is not padded, and rows may have different numbers of cells. Widths are columns of a terminal.
std::string aligned(const std::vector<std::vector<std::string>>& rows, std::size_t indent = 0);

}  // namespace podrun::supervisor

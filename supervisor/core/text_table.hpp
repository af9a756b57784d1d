// Text in aligned columns.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace podrun::supervisor {

/// Rows of cells as lines, each column as wide as its widest cell and three blanks apart. A row's last cell
/// is not padded, and a row may have fewer cells than others. Widths are those of a terminal.
std::string aligned(const std::vector<std::vector<std::string>>& rows, std::size_t indent = 0);

}  // namespace podrun::supervisor

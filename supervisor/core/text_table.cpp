// Text in aligned columns.
#include "supervisor/core/text_table.hpp"

#include <algorithm>
#include <string_view>

#include "pod/text/utf8_text.hpp"

namespace podrun::supervisor {
namespace {

constexpr std::size_t gap = 3;  // as in kubectl's tables

std::size_t width_of(std::string_view cell) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < cell.size();) {
    const pod::CodePoint c = pod::code_point_at(cell, at);
    width += c.value == pod::not_utf8 ? 1 : static_cast<std::size_t>(pod::display_width(c.value));
    at += c.size;
  }
  return width;
}

}  // namespace

std::string aligned(const std::vector<std::vector<std::string>>& rows, std::size_t indent) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t column = 0; column + 1 < row.size(); ++column)
      widths[column] = std::max(widths[column], width_of(row[column]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line(indent, ' ');
    for (std::size_t column = 0; column < row.size(); ++column) {
      line += row[column];
      if (column + 1 < row.size()) line.append(widths[column] - width_of(row[column]) + gap, ' ');
    }
    line.resize(line.find_last_not_of(' ') + 1);
    text += line + '\n';
  }
  return text;
}

}  // namespace podrun::supervisor

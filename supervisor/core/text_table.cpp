// Text in aligned columns.
#include "supervisor/core/text_table.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "pod/text/joined.hpp"
#include "pod/text/quote.hpp"
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

std::string human_size(std::uint64_t bytes) {
  constexpr std::array units{"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  auto size = static_cast<double>(bytes);
  for (; size >= 1024 && unit + 1 < units.size(); ++unit) size /= 1024;
  return unit == 0 ? fmt::format("{} B", bytes) : fmt::format("{:.1f} {}", size, units[unit]);
}

std::string wrapped(std::string_view text, std::size_t width) {
  std::string lines;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find("\n\n"), text.size());
    std::string paragraph(text.substr(0, end));
    text.remove_prefix(std::min(end + 2, text.size()));
    paragraph.resize(paragraph.find_last_not_of('\n') + 1);
    std::ranges::replace(paragraph, '\n', ' ');
    lines += (lines.empty() ? "" : "\n") + pod::joined(pod::wrapped(paragraph, width), "\n") + '\n';
  }
  return lines;
}

std::string definition_list(const std::vector<Definition>& definitions, std::size_t most, std::size_t width) {
  constexpr std::size_t indent = 2, between = 2;
  std::size_t widest = 0;
  for (const Definition& each : definitions)
    if (const std::size_t term = width_of(each.term); term <= most) widest = std::max(widest, term);
  const std::size_t column = indent + widest + between;
  std::string lines;
  for (const Definition& each : definitions) {
    const std::size_t end = indent + width_of(each.term);
    lines += std::string(indent, ' ') + each.term;
    const std::string margin = "\n" + std::string(column, ' ');
    lines += end + between > column ? margin : std::string(column - end, ' ');
    lines += pod::joined(pod::wrapped(each.meaning, width - column), margin) + '\n';
  }
  return lines;
}

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

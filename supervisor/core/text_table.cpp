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

/// The words of a text, and an empty one between its paragraphs.
std::vector<std::string_view> words_of(std::string_view text) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const std::size_t length = std::min(text.find_first_of(" \n"), text.size());
    if (length > 0) words.push_back(text.substr(0, length));
    if (text.substr(length).starts_with("\n\n")) words.emplace_back();
    text.remove_prefix(std::min(length + 1, text.size()));
  }
  return words;
}

/// Appends the words of a text to the lines so far. The last line, of `at` columns, may be continued.
void append_wrapped(std::string& lines, std::size_t at, std::string_view text, std::size_t width, std::size_t indent) {
  const std::string margin(indent, ' ');
  bool begins = true;  // the line has no word yet
  for (const std::string_view word : words_of(text)) {
    if (word.empty() || (!begins && at + 1 + width_of(word) > width)) {
      lines += word.empty() ? "\n\n" + margin : "\n" + margin;
      at = indent, begins = true;
    }
    if (!begins) lines += ' ', ++at;
    lines += word;
    at += width_of(word);
    begins = word.empty();
  }
  lines += '\n';
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t width, std::size_t indent) {
  std::string lines(indent, ' ');
  append_wrapped(lines, indent, text, width, indent);
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
    lines += end + between > column ? "\n" + std::string(column, ' ') : std::string(column - end, ' ');
    append_wrapped(lines, column, each.meaning, width, column);
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

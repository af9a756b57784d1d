// Shows processes and namespaces as a table for a terminal.
#include <algorithm>
#include <array>
#include <string_view>

#include <fmt/format.h>

#include "pod/text/joined.hpp"
#include "pod/text/quote.hpp"
#include "supervisor/show/namespace_matrix.hpp"

namespace podrun::supervisor {
namespace {

// Black on background colours that are light in every theme.
constexpr std::array<std::string_view, 6> fields{"30;42", "30;46", "30;43", "30;45", "30;102", "30;106"};
constexpr std::string_view faint = "2";
constexpr std::size_t gap = 2;

/// A cell of the table; `style` has the parameters of SGR, or is empty.
struct Cell {
  std::string text;
  std::string_view style = {};
};
using Line = std::vector<Cell>;

/// A coloured cell if several processes share the namespace.
Cell cell_of(const NamespaceGroup& group) {
  return {group.letter, group.is_shared() ? fields[group.colour % fields.size()] : std::string_view{}};
}

/// A coloured cell fills its column and a blank on each side, so that cells below each other form one area.
std::string drawn(const Cell& cell, std::size_t width, bool colours) {
  const std::string padded = fmt::format(" {}{:{}} ", cell.text, "", width - pod::width(cell.text));
  return colours && !cell.style.empty() ? fmt::format("\x1b[{}m{}\x1b[0m", cell.style, padded) : padded;
}

std::string drawn(const std::vector<Line>& lines, bool colours) {
  std::vector<std::size_t> widths(lines.front().size());
  for (const Line& line : lines)
    for (std::size_t column = 0; column < line.size(); ++column)
      widths[column] = std::max(widths[column], pod::width(line[column].text));
  std::string text;
  for (const Line& line : lines) {
    std::string row = line.front().text + std::string(widths.front() - pod::width(line.front().text), ' ');
    for (std::size_t column = 1; column < line.size(); ++column)
      row += std::string(gap - 1, ' ') + drawn(line[column], widths[column], colours);
    text += row.substr(0, row.find_last_not_of(' ') + 1) + '\n';
  }
  return text;
}

std::vector<Line> table(const NamespaceMatrix& matrix, const Sharing& sharing) {
  std::vector<Line> lines{{{"NAME"}, {"PID"}}};
  for (const std::string_view kind : pod::namespace_names) lines.front().push_back({std::string(kind)});
  for (std::size_t row = 0; row < matrix.members.size(); ++row) {
    Line line{{matrix.members[row].name}, {std::to_string(matrix.members[row].pid)}};
    for (const auto& group : sharing.cells[row])
      line.push_back(group ? cell_of(sharing.groups[*group]) : Cell{"host", faint});
    lines.push_back(std::move(line));
  }
  return lines;
}

/// "b-d": the first and the last letter of a namespace that is not shared; "" if there is none.
std::string unshared_letters(const Sharing& sharing) {
  std::vector<std::string_view> letters;
  for (const NamespaceGroup& group : sharing.groups)
    if (!group.is_shared()) letters.push_back(group.letter);
  if (letters.empty()) return "";
  const bool is_one = letters.front() == letters.back();
  return is_one ? std::string(letters.front()) : fmt::format("{}-{}", letters.front(), letters.back());
}

/// A line for each capital letter, and one for namespaces that are not shared.
std::string legend(const NamespaceMatrix& matrix, const Sharing& sharing) {
  std::vector<std::pair<std::string, std::string>> entries;
  for (const Letter& letter : letters_of(sharing)) {
    std::vector<std::string> links;
    for (const auto& [kind, id] : letter.namespaces) links.push_back(link_text(kind, id));
    entries.emplace_back(letter.text, fmt::format("shared with {}: {}", matrix.members[letter.holder].name,
                                                  pod::joined(links, " ")));
  }
  for (const LegendLine& line : network_legend(matrix, sharing)) entries.emplace_back(line.letter, line.words);
  if (std::string letters = unshared_letters(sharing); !letters.empty())
    entries.emplace_back(std::move(letters), "not shared with another process of the pod");
  entries.emplace_back("host", "the host's");
  std::size_t width = 0;
  for (const auto& [key, words] : entries) width = std::max(width, key.size());
  std::string text = "\n";
  for (const auto& [key, words] : entries) text += fmt::format("{:{}}  {}\n", key, width, words);
  return text;
}

}  // namespace

std::string matrix_text(const NamespaceMatrix& matrix, bool colours) {
  const Sharing sharing = sharing_of(matrix);
  return drawn(table(matrix, sharing), colours) + legend(matrix, sharing);
}

}  // namespace podrun::supervisor

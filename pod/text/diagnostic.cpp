// Formats diagnostics, and searches for the word that a misspelling stands for.
#include "pod/text/diagnostic.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include <fmt/format.h>

#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

// Only the part of a line around the mistake is shown, because one-line JSON can be a megabyte long.
constexpr std::size_t context_before = 80;
constexpr std::size_t context_after = 60;

/// The lines of the text without their line ends.
std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (true) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    if (line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(line);
    if (end == text.npos) return lines;
    text.remove_prefix(end + 1);
  }
}

/// A source line that is safe to print, and the blanks that put a caret under one of its columns.
struct Excerpt {
  std::string line;
  std::string indent;
};

Excerpt excerpt(std::string_view line, std::size_t column) {
  const std::size_t first = column > context_before + 1 ? column - context_before : 1;
  Excerpt out;
  if (first > 1) {
    out.line = "…";
    out.indent = " ";
  }
  std::size_t here = 1;
  for (std::size_t at = 0; at < line.size(); ++here) {
    const CodePoint c = code_point_at(line, at);
    if (here > column + context_after) {
      out.line += "…";
      break;
    }
    if (here >= first) {
      if (c.value == not_utf8) {
        out.line += "\uFFFD";
      } else {
        out.line += is_printable(c.value) ? line.substr(at, c.size) : " ";
      }
      // An ideographic space (U+3000) has the same width as a wide character on every terminal.
      constexpr std::string_view blanks[] = {"", " ", "\u3000"};
      if (here < column) out.indent += is_printable(c.value) ? blanks[display_width(c.value)] : " ";
    }
    at += c.size;
  }
  return out;
}

std::string render_in(const Diagnostic& diagnostic, std::string_view file,
                      const std::vector<std::string_view>& lines) {
  const auto [line, column] = diagnostic.at;
  if (line == 0 || line > lines.size()) {
    const std::string_view comma = diagnostic.hint.empty() ? "" : "; ";
    return fmt::format("{}: {}: {}{}{}\n", file, name_of(diagnostic.severity), diagnostic.message, comma,
                       diagnostic.hint);
  }
  const Excerpt shown = excerpt(lines[line - 1], column);
  const std::string number = fmt::format("{:>5}", line);
  return fmt::format("{}:{}:{}: {}: {}\n{} | {}\n{:{}} | {}^{}{}\n", file, line, column, name_of(diagnostic.severity),
                     diagnostic.message, number, shown.line, "", number.size(), shown.indent,
                     diagnostic.hint.empty() ? "" : " ", diagnostic.hint);
}

/// The word without case and word separators: "read_only" and "readOnly" are equal.
std::string folded(std::string_view word) {
  std::string out;
  for (const char c : word) {
    if (c == '_' || c == '-') continue;
    out += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return out;
}

/// The optimal string alignment distance: insertions, deletions, substitutions and transpositions of neighbours.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> above(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::swap(before, above);
    std::swap(above, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      row[j] = std::min({above[j] + 1, row[j - 1] + 1, above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row[b.size()];
}

/// "2 errors, 1 warning\n"; empty if there are no errors and no warnings.
std::string summary(const std::vector<Diagnostic>& diagnostics) {
  std::string out;
  for (const Severity severity : {Severity::Error, Severity::Warning}) {
    const auto count = std::ranges::count(diagnostics, severity, &Diagnostic::severity);
    if (count == 0) continue;
    out += fmt::format("{}{} {}{}", out.empty() ? "" : ", ", count, name_of(severity), count == 1 ? "" : "s");
  }
  return out.empty() ? out : out + "\n";
}

}  // namespace

std::string_view name_of(Severity severity) {
  switch (severity) {
    case Severity::Error:
      return "error";
    case Severity::Warning:
      return "warning";
    case Severity::Note:
      return "note";
  }
  __builtin_unreachable();
}

std::string render(const Diagnostic& diagnostic, std::string_view file, std::string_view text) {
  return render_in(diagnostic, file, split_lines(without_bom(text)));
}

std::string render(const std::vector<Diagnostic>& diagnostics, std::string_view file, std::string_view text) {
  const std::vector<std::string_view> lines = split_lines(without_bom(text));
  std::vector<Diagnostic> sorted = diagnostics;
  // Diagnostics of the whole file come after those that have a place.
  const auto place = [](const Diagnostic& d) {
    return std::tuple{d.at.line == 0 ? std::numeric_limits<std::size_t>::max() : d.at.line, d.at.column};
  };
  std::ranges::stable_sort(sorted, {}, place);
  std::string out;
  for (const Diagnostic& diagnostic : sorted) out += render_in(diagnostic, file, lines) + "\n";
  return out + summary(sorted);
}

std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates) {
  constexpr std::size_t longest = 300;  // longer than any name; a key of a broken file can be a megabyte long
  if (word.size() > longest) return {};
  const std::string wanted = folded(word);
  const std::size_t limit = std::clamp<std::size_t>(wanted.size() / 3, 1, 3);
  std::string_view best;
  std::size_t best_distance = limit + 1;
  for (const std::string_view candidate : candidates) {
    const std::string other = folded(candidate);
    const auto [shorter, longer] = std::minmax({wanted.size(), other.size()});
    if (longer - shorter > limit) continue;
    const std::size_t d = distance(wanted, other);
    if (d < best_distance && d < longer) {  // words without a common letter are not misspellings
      best = candidate;
      best_distance = d;
    }
  }
  return best;
}

}  // namespace podrun::pod

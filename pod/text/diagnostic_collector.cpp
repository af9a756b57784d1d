// Converts byte offsets to lines and columns in one pass over the text.
#include "pod/text/diagnostic_collector.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "pod/text/utf8_text.hpp"

namespace podrun::pod {

void DiagnosticCollector::add(std::size_t at, std::string message, std::string hint) {
  if (full()) return;
  Problem problem{std::min(at, text_.size()), std::move(message), std::move(hint)};
  if (std::ranges::find(problems_, problem) == problems_.end()) problems_.push_back(std::move(problem));
}

void DiagnosticCollector::warn(std::size_t at, std::string message, std::string hint) {
  remarks_.push_back({std::min(at, text_.size()), std::move(message), std::move(hint), Severity::Warning});
}

void DiagnosticCollector::note(std::size_t at, std::string message) {
  remarks_.push_back({std::min(at, text_.size()), std::move(message), {}, Severity::Note});
}

void DiagnosticCollector::replace_at(std::size_t at, std::string message, std::string hint) {
  std::erase_if(problems_, [&](const Problem& problem) { return problem.at == at; });
  add(at, std::move(message), std::move(hint));
}

void DiagnosticCollector::replace_all(std::size_t at, std::string message, std::string hint) {
  problems_.clear();
  remarks_.clear();
  for_file_.clear();
  add(at, std::move(message), std::move(hint));
}

void DiagnosticCollector::add_for_file(std::string message) { for_file_.push_back(std::move(message)); }

std::set<std::size_t> DiagnosticCollector::error_places() const {
  std::set<std::size_t> places;
  for (const Problem& problem : problems_) places.insert(problem.at);
  return places;
}

std::size_t DiagnosticCollector::line_of(std::size_t at) const {
  return 1 + static_cast<std::size_t>(std::ranges::count(text_.substr(0, at), '\n'));
}

std::vector<Diagnostic> DiagnosticCollector::diagnostics() const {
  std::vector<Problem> sorted = problems_;
  sorted.insert(sorted.end(), remarks_.begin(), remarks_.end());
  std::ranges::stable_sort(sorted, {}, &Problem::at);
  std::vector<Diagnostic> out;
  Location place{.line = 1, .column = 1};
  std::size_t at = 0;
  for (Problem& problem : sorted) {
    while (at < problem.at) {
      const CodePoint c = code_point_at(text_, at);
      if (c.value == '\n') {
        place = {.line = place.line + 1, .column = 1};
      } else {
        ++place.column;
      }
      at += c.size;
    }
    out.push_back({.at = place, .message = std::move(problem.message), .hint = std::move(problem.hint),
                   .severity = problem.severity});
  }
  for (const std::string& message : for_file_) out.push_back({.at = {}, .message = message, .hint = {}});
  if (full())
    out.push_back(
        {.at = {}, .message = fmt::format("only the first {} mistakes are shown", limit), .hint = {}});
  return out;
}

}  // namespace podrun::pod

// Collects the diagnostics of one manifest by byte offset while it is read, and returns them with lines and columns.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "pod/text/diagnostic.hpp"

namespace podrun::pod {

/// How a field is treated that podrun does not know or does not implement.
enum class Leniency {
  Strict,   ///< an error
  Lenient,  ///< a warning; the field is ignored
};

/// The diagnostics of one text. Keeps only the first `limit` errors, because a broken file can contain a hundred
/// thousand.
class DiagnosticCollector {
 public:
  static constexpr std::size_t limit = 100;

  explicit DiagnosticCollector(std::string_view text, Leniency leniency = Leniency::Strict)
      : text_(text), leniency_(leniency) {}

  Leniency leniency() const { return leniency_; }

  /// Adds an error at a byte of the text. An error that is there already is not added again: a list that an alias
  /// repeats is read more than once.
  void add(std::size_t at, std::string message, std::string hint = {});
  /// Adds a warning or a note. Their number has no limit: a text that is accepted is small.
  void warn(std::size_t at, std::string message, std::string hint = {});
  void note(std::size_t at, std::string message);
  /// Adds an error that has no place in the text.
  void add_for_file(std::string message);

  /// Replaces the errors at a byte by one.
  void replace_at(std::size_t at, std::string message, std::string hint);
  /// Replaces everything by one error.
  void replace_all(std::size_t at, std::string message, std::string hint);
  /// Whether there are no errors.
  bool empty() const { return problems_.empty() && for_file_.empty(); }
  /// Whether further errors are dropped. Callers then need not search for a hint.
  bool full() const { return problems_.size() >= limit; }

  /// The positions of all errors.
  std::set<std::size_t> error_places() const;

  /// The line of a byte, counted from 1, for a hint that names another place.
  std::size_t line_of(std::size_t at) const;

  /// All errors, warnings and notes in the order of their places.
  std::vector<Diagnostic> diagnostics() const;

 private:
  struct Problem {
    std::size_t at;
    std::string message;
    std::string hint;
    Severity severity = Severity::Error;

    bool operator==(const Problem&) const = default;
  };

  std::string_view text_;
  Leniency leniency_;
  std::vector<Problem> problems_;
  std::vector<Problem> remarks_;  ///< warnings and notes
  std::vector<std::string> for_file_;
};

}  // namespace podrun::pod

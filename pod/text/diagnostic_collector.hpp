// Collects the mistakes of one manifest while it is read, by byte; gives them back as places.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "pod/text/diagnostic.hpp"

namespace podrun::pod {

/// What is made of a field that podrun does not know, or does not carry out yet.
enum class Leniency {
  Strict,   ///< an error
  Lenient,  ///< a warning; the field is left out
};

/// The mistakes found so far in one text. Keeps the first `limit`: a broken file can hold a hundred thousand.
class DiagnosticCollector {
 public:
  static constexpr std::size_t limit = 100;

  explicit DiagnosticCollector(std::string_view text, Leniency leniency = Leniency::Strict)
      : text_(text), leniency_(leniency) {}

  Leniency leniency() const { return leniency_; }

  /// Notes a mistake at a byte of the text. The same one twice (a list read again through an alias) counts
  /// once.
  void add(std::size_t at, std::string message, std::string hint = {});
  /// Notes what is no mistake, but should be known. There is no limit: what is accepted is small.
  void warn(std::size_t at, std::string message, std::string hint = {});
  void note(std::size_t at, std::string message);
  /// Notes a mistake that has no place.
  void add_for_file(std::string message);

  /// Whether there is no mistake.
  bool empty() const { return problems_.empty() && for_file_.empty(); }
  /// Whether further mistakes go unnoted: nobody need look for a hint.
  bool full() const { return problems_.size() >= limit; }

  /// The line of a byte, from 1; for hints that point elsewhere.
  std::size_t line_of(std::size_t at) const;

  /// Everything noted, in order of its place; warnings and notes as well.
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

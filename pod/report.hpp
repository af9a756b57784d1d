// Collects the mistakes of one manifest while it is read, by byte; gives them back as places.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "pod/diagnostic.hpp"

namespace podrun::pod {

/// The mistakes found so far in one text. Keeps the first `limit`: a broken file can hold a hundred thousand.
class Report {
 public:
  static constexpr std::size_t limit = 100;

  explicit Report(std::string_view text) : text_(text) {}

  /// Notes a mistake at a byte of the text. The same one twice (a list read again through an alias) counts
  /// once.
  void add(std::size_t at, std::string message, std::string hint = {});
  /// Notes a mistake that has no place.
  void add_for_file(std::string message);

  bool empty() const { return problems_.empty() && for_file_.empty(); }
  /// Whether further mistakes go unnoted: nobody need look for a hint.
  bool full() const { return problems_.size() >= limit; }

  /// The line of a byte, from 1; for hints that point elsewhere.
  std::size_t line_of(std::size_t at) const;

  /// Everything noted, in order of its place.
  std::vector<Diagnostic> diagnostics() const;

 private:
  struct Problem {
    std::size_t at;
    std::string message;
    std::string hint;

    bool operator==(const Problem&) const = default;
  };

  std::string_view text_;
  std::vector<Problem> problems_;
  std::vector<std::string> for_file_;
};

}  // namespace podrun::pod

// What is wrong in a manifest, and where: file:line:column, the source line, a caret, a hint.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace podrun::pod {

/// A place in a manifest. Lines and columns count from 1, columns in code points; line 0 is "the whole file".
struct Location {
  std::size_t line = 0;
  std::size_t column = 0;

  bool operator==(const Location&) const = default;
};

/// How much a diagnostic matters.
enum class Severity {
  Error,    ///< nothing is run
  Warning,  ///< it is run, but perhaps not as its author thinks
  Note,     ///< what is left out on one node, and why
};
/// "error", "warning", "note".
std::string_view name_of(Severity severity);

/// One mistake in a manifest, or what else there is to say of it.
struct Diagnostic {
  Location at;
  std::string message;
  std::string hint;  ///< e.g. `did you mean "containers"?`; may be empty
  Severity severity = Severity::Error;
};

/// "FILE:L:C: error: MESSAGE", the source line, a caret under the place, and the hint.
/// Control characters of the source line are shown as spaces, so that no manifest drives a terminal.
std::string render(const Diagnostic& diagnostic, std::string_view file, std::string_view text);

/// All of them in order of their place, one blank line after the other, and "N errors, M warnings" at the end; notes
/// are not counted.
std::string render(const std::vector<Diagnostic>& diagnostics, std::string_view file, std::string_view text);

/// The candidate nearest to WORD by Damerau–Levenshtein distance, or "" if none is near enough to be a slip.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace podrun::pod

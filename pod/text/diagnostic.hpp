// Diagnostics of a manifest, printed as file:line:column, the source line, a caret and a hint.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace podrun::pod {

/// A place in a manifest. Lines and columns count from 1, and columns count code points. Line 0 means the whole file.
struct Location {
  std::size_t line = 0;
  std::size_t column = 0;

  bool operator==(const Location&) const = default;
};

/// How much a diagnostic matters.
enum class Severity {
  Error,    ///< the manifest is refused
  Warning,  ///< the pod is run, but perhaps not as the author expects
  Note,     ///< a field has no effect on a single node; the message says why
};
/// "error", "warning", "note".
std::string_view name_of(Severity severity);

/// One message about a manifest.
struct Diagnostic {
  Location at;
  std::string message;
  std::string hint;  ///< e.g. `did you mean "containers"?`; may be empty
  Severity severity = Severity::Error;
};

/// Formats one diagnostic: "FILE:L:C: error: MESSAGE", the source line, a caret under the place, and the hint.
/// Control characters of the source line are shown as spaces, so that a manifest cannot send escape sequences to a
/// terminal.
std::string render(const Diagnostic& diagnostic, std::string_view file, std::string_view text);

/// Formats all diagnostics in the order of their places, separated by blank lines, followed by "N errors, M warnings".
/// Notes are not counted.
std::string render(const std::vector<Diagnostic>& diagnostics, std::string_view file, std::string_view text);

/// Returns the candidate nearest to WORD by Damerau–Levenshtein distance, or "" if none is near enough for WORD to be a
/// misspelling of it.
std::string_view nearest(std::string_view word, const std::vector<std::string_view>& candidates);

}  // namespace podrun::pod

// Output of commands: results on stdout, errors on stderr. On a terminal, control sequences are left out; see
// TerminalText.
#pragma once

#include <string_view>
#include <vector>

#include "supervisor/core/command_error.hpp"
#include "supervisor/core/exit_status.hpp"

namespace podrun::supervisor {

/// Writes the whole text unchanged, and waits where the descriptor blocks. False: errno has the reason (EPIPE: the
/// reader is gone).
bool write_all(int fd, std::string_view text);

/// Prints a command's result to stdout. A reader that is gone (`| head`) is not an error.
ExitStatus print(std::string_view text);

/// Prints a note to stderr: "podrun: SENTENCE".
void note(std::string_view sentence);

/// Prints text to stderr as it is, without a prefix.
void warn(std::string_view text);

/// Prints an error to stderr and returns its status.
ExitStatus report_error(ExitStatus status, std::string_view sentence);
/// Prints the text of an error as it is; returns its status.
ExitStatus report_error(const CommandError& command_error);
/// Prints several errors; returns the greatest of their statuses, or Succeeded if there is none.
ExitStatus report_errors(const std::vector<CommandError>& errors);

/// The greater of two statuses, by number.
inline ExitStatus greatest(ExitStatus a, ExitStatus b) {
  return a < b ? b : a;
}

}  // namespace podrun::supervisor

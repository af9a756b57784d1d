// What verbs tell their caller: results on stdout, errors on stderr. On a terminal all of it is harmless, see
// TerminalText.
#pragma once

#include <string_view>

#include "supervisor/core/command_error.hpp"
#include "supervisor/core/exit_status.hpp"

namespace podrun::supervisor {

/// Writes all of it, as it is, waiting where it must. False: errno says why not (EPIPE: nobody reads any more).
bool write_all(int fd, std::string_view text);

/// A verb's result, on stdout. That nobody reads it (`| head`) is no error.
ExitStatus print(std::string_view text);

/// A note on stderr: "podrun: SENTENCE".
void note(std::string_view sentence);

/// Text that is ready to be shown, on stderr.
void warn(std::string_view text);

/// An error on stderr; returns its status.
ExitStatus report_error(ExitStatus status, std::string_view sentence);
ExitStatus report_error(const CommandError& command_error);

}  // namespace podrun::supervisor

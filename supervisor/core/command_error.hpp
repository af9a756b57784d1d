// Why a command failed: the text for people and the exit status for scripts.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "supervisor/core/exit_status.hpp"

namespace podrun::supervisor {

/// An error of a command: the lines for stderr, each with its newline, and the exit status.
struct CommandError {
  ExitStatus status;
  std::string text;
};

/// A value, or the error of the command.
template <typename T>
using CommandResult = std::expected<T, CommandError>;

/// An error of one sentence, printed as "podrun: SENTENCE".
inline std::unexpected<CommandError> fail_command(ExitStatus status, std::string_view sentence) {
  return std::unexpected(CommandError{status, "podrun: " + std::string(sentence) + "\n"});
}

}  // namespace podrun::supervisor

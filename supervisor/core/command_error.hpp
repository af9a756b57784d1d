// Why a command does not do what it was asked: what people read, and what scripts see.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "supervisor/core/exit_status.hpp"

namespace podrun::supervisor {

/// The lines for stderr, each with its newline, and the exit status.
struct CommandError {
  ExitStatus status;
  std::string text;
};

/// A value, or the CommandError that took its place.
template <typename T>
using CommandResult = std::expected<T, CommandError>;

/// A refusal of one sentence: "podrun: SENTENCE".
inline std::unexpected<CommandError> fail_command(ExitStatus status, std::string_view sentence) {
  return std::unexpected(CommandError{status, "podrun: " + std::string(sentence) + "\n"});
}

}  // namespace podrun::supervisor

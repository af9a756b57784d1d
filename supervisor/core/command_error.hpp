// Why a command does not do what it was asked: what people read, and what scripts see.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "supervisor/core/exit_status.hpp"

namespace podrun::supervisor {

/// The lines for stderr, each with its newline, and the exit status.
struct Refusal {
  ExitStatus status;
  std::string text;
};

/// A value, or the Refusal that took its place.
template <typename T>
using OrRefusal = std::expected<T, Refusal>;

/// A refusal of one sentence: "podrun: SENTENCE".
inline std::unexpected<Refusal> refuse(ExitStatus status, std::string_view sentence) {
  return std::unexpected(Refusal{status, "podrun: " + std::string(sentence) + "\n"});
}

}  // namespace podrun::supervisor

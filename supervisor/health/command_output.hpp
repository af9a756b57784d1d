// What a probe or a hook prints: the end of it is kept, and shown when it fails.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "namespaces/kernel/fd.hpp"

namespace podrun::supervisor {

/// The end of a command's output. The rest is dropped without being copied, so that a flood costs little.
class CommandOutput {
 public:
  /// How many bytes are kept.
  static constexpr std::size_t most = 4096;

  /// `pipe`: the read end, O_NONBLOCK.
  explicit CommandOutput(Fd pipe = {}) : pipe_(std::move(pipe)) {}

  int fd() const { return pipe_.get(); }
  /// What one look at the pipe has found.
  struct Taken {
    std::size_t bytes = 0;
    bool ended = false;  ///< nobody can write any more
  };
  /// Takes what is in the pipe now.
  Taken take();
  const std::string& tail() const { return tail_; }

 private:
  Fd pipe_;
  Fd sink_;  ///< /dev/null, once something had to be dropped
  std::string tail_;
};

/// The last line of a text that is not blank, fit for a message: at most 200 characters, no control characters.
std::string last_line(std::string_view text);

}  // namespace podrun::supervisor

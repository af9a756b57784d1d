// The standard streams of a command in a container, which are pipes of its own: what the caller has for stdin, stdout
// and stderr is never handed in. A container could open a file, terminal or device of the caller's again by
// /proc/PID/fd with other rights than the command was given, change its mode, or go on reading what is typed; and flags
// of a shared description, such as O_NONBLOCK, stay on it. That holds for the caller's pipes, too: their other readers
// and writers are no business of the container's.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/launch/enter.hpp"
#include "pod/text/result.hpp"
#include "supervisor/attach/exec_session.hpp"
#include "supervisor/logs/nonblocking_output.hpp"

namespace podrun::supervisor {

/// From the caller's stdin to the command's. The end of one is the end of the other.
class InputRelay {
 public:
  /// `pipe`: the write end, O_NONBLOCK.
  explicit InputRelay(Fd pipe) : pipe_(std::move(pipe)) {}

  /// What is to be waited for: input (POLLIN), or room for it (POLLOUT), or -1; and whether the command still reads.
  int source() const { return pipe_ && !is_full_ ? 0 : -1; }
  int sink() const { return pipe_.get(); }
  short sink_events() const;

  /// Moves what can be moved now.
  void pump();
  /// The command reads no more.
  void close() { pipe_.reset(); }

 private:
  ssize_t move();

  Fd pipe_;
  bool is_full_ = false;
  bool splices_ = true;
  std::string read_;  ///< and not taken yet, where splice(2) cannot be used
};

/// From the command's stdout or stderr to the caller's, which may be slow, full or closed.
class OutputRelay {
 public:
  /// `pipe`: the read end, O_NONBLOCK. `sink`: descriptor 1 or 2.
  OutputRelay(Fd pipe, int sink);

  /// What is to be waited for: output (POLLIN) or room for it (POLLOUT); -1 for what need not be.
  int source() const { return pipe_ && !is_blocked_ ? pipe_.get() : -1; }
  int blocked_sink() const;

  /// Moves what can be moved now, at most `most` bytes; how many that were.
  std::size_t pump(std::size_t most);
  /// How much the command has written that was not moved yet.
  std::size_t pending() const;

 private:
  ssize_t move(std::size_t most);
  ssize_t write_some();
  void fail(int error);

  enum class Way {
    Splice,
    File,    ///< write(2) as it is
    Output,  ///< a terminal or a socket, which may take nothing for long
  };

  Fd pipe_;
  int sink_;
  Way way_;
  std::optional<NonblockingOutput> output_;
  bool is_blocked_ = false;
  std::string read_;
};

/// All three.
class StreamRelay {
 public:
  /// Pipes that the user `uid` may open again by /dev/stdin and the like. Without `has_input` stdin is at its end.
  static Result<StreamRelay> create(std::uint32_t uid, std::uint32_t gid, bool has_input);

  /// The command's ends.
  std::array<int, 3> command_ends() const;

  /// Relays until the command has ended, and then what it has left, passing signals on. Its exit status.
  Result<int> run_session(const ns::EnteredCommand& entered, const ExecSignals& signals);

 private:
  StreamRelay(std::array<Fd, 3> ends, InputRelay input, OutputRelay out, OutputRelay err)
      : ends_(std::move(ends)), input_(std::move(input)), outputs_{std::move(out), std::move(err)} {}

  bool relay_some(const ns::EnteredCommand& entered, const ExecSignals& signals);
  void relay_rest(const ExecSignals& signals);

  std::array<Fd, 3> ends_;  ///< until the command has them
  InputRelay input_;
  std::array<OutputRelay, 2> outputs_;
};

}  // namespace podrun::supervisor

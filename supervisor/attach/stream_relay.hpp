// Relays the standard streams of a command in a container through pipes. The caller's descriptors 0, 1 and 2 are not
// passed to the container. A container could open the caller's file, terminal or device again through /proc/PID/fd,
// with other access modes than the descriptor has, change the file's mode, or go on reading what is typed. Flags of the
// shared open file description, such as O_NONBLOCK, would remain set after the command. The same holds for the caller's
// pipes: the container must not affect their other readers and writers.
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

/// Relays the caller's stdin to the command. When one end is closed, so is the other.
class InputRelay {
 public:
  /// `pipe`: the write end, O_NONBLOCK.
  explicit InputRelay(Fd pipe) : pipe_(std::move(pipe)) {}

  /// The descriptors to wait for, or -1: input (POLLIN), and room in the pipe (POLLOUT) or the end of its reader.
  int source() const { return pipe_ && !is_full_ ? 0 : -1; }
  int sink() const { return pipe_.get(); }
  short sink_events() const;

  /// Moves as much as possible now.
  void pump();
  /// Closes the pipe: the command does not read any more.
  void close() { pipe_.reset(); }

 private:
  ssize_t move();

  Fd pipe_;
  bool is_full_ = false;
  bool splices_ = true;
  std::string read_;  ///< read but not written yet, where splice(2) is not possible
};

/// Relays the command's stdout or stderr to the caller's, which may be slow, full or closed.
class OutputRelay {
 public:
  /// `pipe`: the read end, O_NONBLOCK. `sink`: descriptor 1 or 2.
  OutputRelay(Fd pipe, int sink);

  /// The descriptors to wait for, or -1: output of the command (POLLIN), or room for it (POLLOUT).
  int source() const { return pipe_ && !is_blocked_ ? pipe_.get() : -1; }
  int blocked_sink() const;

  /// Moves as much as possible now, at most `most` bytes. Returns the number of bytes.
  std::size_t pump(std::size_t most);
  /// How many bytes the command has written that were not moved yet.
  std::size_t pending() const;
  /// Whether output could not be written for another reason than that nobody reads it.
  bool has_lost() const { return has_lost_; }

 private:
  ssize_t move(std::size_t most);
  ssize_t write_some();
  void fail(int error);

  enum class Way {
    Splice,
    File,    ///< plain write(2)
    Output,  ///< a terminal or a socket, which may block for long
  };

  Fd pipe_;
  int sink_;
  Way way_;
  std::optional<NonblockingOutput> output_;
  bool is_blocked_ = false;
  bool has_lost_ = false;
  std::string read_;
};

/// Relays all three streams.
class StreamRelay {
 public:
  /// Makes the pipes. The user `uid` may open them again through /dev/stdin etc. Without `has_input` stdin is at its
  /// end.
  static Result<StreamRelay> create(std::uint32_t uid, std::uint32_t gid, bool has_input);

  /// The ends of the pipes for the command.
  std::array<int, 3> command_ends() const;

  /// Relays until the command has ended and its output is written, and passes signals on. Returns the exit status:
  /// that of the command, or CannotEnter instead of 0 if output could not be written.
  Result<int> run_session(const ns::EnteredCommand& entered, const ExecSignals& signals);

 private:
  StreamRelay(std::array<Fd, 3> ends, InputRelay input, OutputRelay out, OutputRelay err)
      : ends_(std::move(ends)), input_(std::move(input)), outputs_{std::move(out), std::move(err)} {}

  bool relay_some(const ns::EnteredCommand& entered, const ExecSignals& signals);
  void relay_rest(const ExecSignals& signals);

  std::array<Fd, 3> ends_;  ///< the command's ends, until it is started
  InputRelay input_;
  std::array<OutputRelay, 2> outputs_;
};

}  // namespace podrun::supervisor

// The user's terminal in raw mode.
#pragma once

#include <termios.h>

#include "pod/text/result.hpp"

namespace podrun::supervisor {

/// A terminal that is in raw mode, cfmakeraw(3), from enter() until leave() or the destructor: all keys go to another
/// program.
class RawTerminal {
 public:
  explicit RawTerminal(int fd) : fd_(fd) {}
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;
  ~RawTerminal() { leave(); }

  /// Enters raw mode. Errors: tcsetattr(3).
  Result<> enter();
  /// Copies the window size to another terminal, given by either end of its pty.
  void copy_window_size(int other) const;
  /// Restores the mode from before enter().
  void leave();
  /// Leaves raw mode and stops this process (SIGSTOP). When the process goes on, enters raw mode again if `again`, and
  /// gives `other` the size that the terminal has by then.
  void suspend(bool again, int other);

 private:
  int fd_;
  bool raw_ = false;
  termios before_{};
};

}  // namespace podrun::supervisor

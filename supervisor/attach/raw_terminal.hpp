// The user's own terminal while a program elsewhere has the use of it.
#pragma once

#include <termios.h>

#include "pod/text/result.hpp"

namespace podrun::supervisor {

/// In raw mode, cfmakeraw(3), from enter() until leave() or the end of its life: every key is the other program's.
class RawTerminal {
 public:
  explicit RawTerminal(int fd) : fd_(fd) {}
  RawTerminal(const RawTerminal&) = delete;
  RawTerminal& operator=(const RawTerminal&) = delete;
  ~RawTerminal() { leave(); }

  /// Errors: tcsetattr(3).
  Result<> enter();
  /// Gives another terminal, by one of its ends, the same size.
  void copy_window_size(int other) const;
  /// Back to what it was.
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

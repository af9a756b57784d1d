// The user's terminal in raw mode.
#include "supervisor/attach/raw_terminal.hpp"

#include <signal.h>
#include <sys/ioctl.h>

namespace podrun::supervisor {

Result<> RawTerminal::enter() {
  if (::tcgetattr(fd_, &before_) < 0) return fail_system("terminal");
  termios raw = before_;
  ::cfmakeraw(&raw);
  if (::tcsetattr(fd_, TCSADRAIN, &raw) < 0) return fail_system("terminal");
  raw_ = true;
  return {};
}

void RawTerminal::copy_window_size(int other) const {
  winsize size{};
  if (::ioctl(fd_, TIOCGWINSZ, &size) == 0) ::ioctl(other, TIOCSWINSZ, &size);
}

void RawTerminal::leave() {
  if (raw_) ::tcsetattr(fd_, TCSANOW, &before_);
  raw_ = false;
}

void RawTerminal::suspend(bool again, int other) {
  leave();
  ::raise(SIGSTOP);
  if (again) (void)enter();
  copy_window_size(other);
}

}  // namespace podrun::supervisor

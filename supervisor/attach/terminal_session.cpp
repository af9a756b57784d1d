// The client of a command with a pty.
#include "supervisor/attach/terminal_session.hpp"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <iterator>

#include "supervisor/core/console.hpp"

namespace podrun::supervisor {

TerminalSession::TerminalSession(ns::Pty pty, bool has_input)
    : pty_(std::move(pty)), has_input_(has_input), terminal_(STDIN_FILENO) {
  terminal_.copy_window_size(pty_.master.get());
}

Result<int> TerminalSession::run_session(const ns::EnteredCommand& entered, const ExecSignals& signals) {
  if (has_input_) TRY_VOID(terminal_.enter());
  terminal_.copy_window_size(pty_.master.get());  // it may have changed before SIGWINCH was blocked
  for (;;) {
    const bool wants_keys = has_input_ && keys_.empty();
    const auto events = static_cast<short>(POLLIN | (keys_.empty() ? 0 : POLLOUT));
    pollfd watched[] = {{entered.monitor.pidfd.get(), POLLIN, 0},
                        {signals.fd(), POLLIN, 0},
                        {pty_.master.get(), events, 0},
                        {wants_keys ? STDIN_FILENO : -1, POLLIN, 0}};
    if (::poll(watched, std::size(watched), -1) < 0) continue;
    if (watched[1].revents != 0) handle(signals.take());
    if ((watched[2].revents & POLLIN) != 0) show_some();
    if ((watched[2].revents & POLLOUT) != 0) send_keys();
    if (watched[3].revents != 0) read_keys();
    if (watched[0].revents != 0) break;
  }
  // A process that the command left behind could write for ever. The command's own output is at most what a pty holds.
  constexpr int most = 64;
  for (int rest = 0; rest < most && show_some(); ++rest) {
  }
  terminal_.leave();
  return ns::exit_code_of(TRY(ns::wait_for(entered.monitor)));
}

void TerminalSession::handle(int signal) {
  if (signal == SIGWINCH) return terminal_.copy_window_size(pty_.master.get());
  // A SIGTSTP of another process: Ctrl-Z goes to the command.
  if (signal == SIGTSTP) return terminal_.suspend(has_input_, pty_.master.get());
  terminal_.leave();
  ExecSignals::die_of(signal);
}

void TerminalSession::read_keys() {
  char buffer[4096];
  const ssize_t length = ::read(STDIN_FILENO, buffer, sizeof buffer);
  if (length > 0) {
    keys_.assign(buffer, static_cast<std::size_t>(length));
    send_keys();
  } else if (length == 0 || errno != EINTR) {
    handle(SIGHUP);  // the terminal is gone
  }
}

void TerminalSession::send_keys() {
  const ssize_t taken = ::write(pty_.master.get(), keys_.data(), keys_.size());
  if (taken > 0) keys_.erase(0, static_cast<std::size_t>(taken));
}

/// Shows some output. False: there is none at the moment.
bool TerminalSession::show_some() {
  char buffer[16 * 1024];
  const ssize_t length = ::read(pty_.master.get(), buffer, sizeof buffer);
  if (length <= 0) return length < 0 && errno == EINTR;
  if (!write_all(STDOUT_FILENO, {buffer, static_cast<std::size_t>(length)})) handle(SIGPIPE);
  return true;
}

}  // namespace podrun::supervisor

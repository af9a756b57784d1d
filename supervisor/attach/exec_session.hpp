// The client of a command in a container, from its start to its exit status.
#pragma once

#include "namespaces/kernel/fd.hpp"
#include "namespaces/launch/enter.hpp"
#include "pod/text/result.hpp"

namespace podrun::supervisor {

/// Blocks the signals that a client handles itself, and reads them from a descriptor: signalfd(2). Must be created
/// before any process is started. SIGCHLD gets its default action, because ignoring it would lose exit statuses. A
/// SIGHUP that nohup(1) has set to ignored stays ignored.
class ExecSignals {
 public:
  /// With a terminal, also blocks SIGWINCH and SIGTSTP.
  static Result<ExecSignals> block(bool with_terminal);

  int fd() const { return fd_.get(); }
  /// Reads the next signal.
  int take() const;
  /// Ends the process by the signal, as if it had not been blocked.
  [[noreturn]] static void die_of(int signal);

 private:
  explicit ExecSignals(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

/// Waits for a command that uses the client's descriptors 0, 1 and 2, and passes signals on. Returns its exit status.
Result<int> run_session(const ns::EnteredCommand& entered, const ExecSignals& signals);

}  // namespace podrun::supervisor

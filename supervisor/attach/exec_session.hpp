// The client of a command in a container, from its start to its exit status.
#pragma once

#include "namespaces/kernel/fd.hpp"
#include "namespaces/launch/enter.hpp"
#include "pod/text/result.hpp"

namespace podrun::supervisor {

/// The signals that a client must hear rather than die of: blocked, and read from a descriptor, signalfd(2). To be made
/// before anything is started. SIGCHLD gets its default back: else an exit status could be lost. A SIGHUP that nohup(1)
/// has us ignore stays ignored.
class ExecSignals {
 public:
  /// Behind a pty there are more of them.
  static Result<ExecSignals> block(bool with_terminal);

  int fd() const { return fd_.get(); }
  /// The next one.
  int take() const;
  /// Dies of one, as if it had not been blocked.
  [[noreturn]] static void die_of(int signal);

 private:
  explicit ExecSignals(Fd fd) : fd_(std::move(fd)) {}
  Fd fd_;
};

/// Waits for a command that has the client's own descriptors 0, 1 and 2, passing signals on. Its exit status.
Result<int> run_session(const ns::EnteredCommand& entered, const ExecSignals& signals);

}  // namespace podrun::supervisor

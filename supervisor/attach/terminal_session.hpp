// The client of a command with a pty: connects the user's terminal and the pty.
#pragma once

#include <string>

#include "namespaces/launch/enter.hpp"
#include "namespaces/paths/pty.hpp"
#include "pod/text/result.hpp"
#include "supervisor/attach/exec_session.hpp"
#include "supervisor/attach/raw_terminal.hpp"

namespace podrun::supervisor {

/// A session of one command.
class TerminalSession {
 public:
  /// The pty takes the size of the terminal on stdin. Keys are read only if `has_input`.
  TerminalSession(ns::Pty pty, bool has_input);

  /// The command's end of the pty.
  int peer() const { return pty_.peer.get(); }

  /// Copies both ways until the command has ended and its output is shown. Returns its exit status. If a signal ends
  /// the client, this function does not return: the terminal is restored, and the pty hangs up.
  Result<int> run_session(const ns::EnteredCommand& entered, const ExecSignals& signals);

 private:
  void handle(int signal);
  void read_keys();
  void send_keys();
  bool show_some();

  ns::Pty pty_;  // both ends: a command that closes its end for a while must not end the session
  bool has_input_;
  RawTerminal terminal_;
  std::string keys_;  // read but not written yet
};

}  // namespace podrun::supervisor

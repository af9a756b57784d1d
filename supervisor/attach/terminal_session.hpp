// The client of a command behind a pty: the user's terminal here, the command's there.
#pragma once

#include <string>

#include "namespaces/launch/enter.hpp"
#include "namespaces/launch/pty.hpp"
#include "pod/text/result.hpp"
#include "supervisor/attach/exec_session.hpp"
#include "supervisor/attach/raw_terminal.hpp"

namespace podrun::supervisor {

class TerminalSession {
 public:
  /// The pty takes the size of the terminal on stdin. Keys are read only if `has_input`.
  TerminalSession(ns::Pty pty, bool has_input);

  /// The command's end of the pty.
  int peer() const { return pty_.peer.get(); }

  /// Copies both ways until the command has ended, and then what it has left to be read. Its exit status. Does not
  /// return when a signal ends the client: the terminal is as it was, and the pty hangs up.
  Result<int> run_session(const ns::EnteredCommand& entered, const ExecSignals& signals);

 private:
  void handle(int signal);
  void read_keys();
  void send_keys();
  bool show_some();

  ns::Pty pty_;  // both ends: a command that closes its own for a while does not end the session
  bool has_input_;
  RawTerminal terminal_;
  std::string keys_;  // read, and not taken yet
};

}  // namespace podrun::supervisor

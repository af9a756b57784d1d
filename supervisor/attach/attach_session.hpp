// The client of a container's own standard streams, from when it attaches to the end of the instance.
#pragma once

#include <memory>
#include <string>

#include "supervisor/attach/attach_protocol.hpp"
#include "supervisor/attach/attach_view.hpp"
#include "supervisor/attach/exec_session.hpp"
#include "supervisor/attach/raw_terminal.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// To what, and how.
struct AttachTarget {
  std::string id;         ///< the pod's
  std::string container;
  LogFolder logs;         ///< the container's
  bool input = false;     ///< send it what we read
  bool raw = false;       ///< from a terminal to a terminal: keys, and its size
  bool once = false;      ///< its stdin is ours until we close it
};

class AttachSession {
 public:
  /// Errors: a refusal, in words; ENOENT, ECONNREFUSED: the pod does not run.
  static Result<std::unique_ptr<AttachSession>> begin(const Layout& layout, AttachTarget target);

  /// Copies both ways until the instance has ended, or nobody reads what it prints. With `signals` does not return when
  /// one ends the client: the terminal is as it was.
  Result<> run_session(const ExecSignals* signals);

 private:
  AttachSession(const Layout& layout, AttachTarget target, Attachment attached, AttachView view);
  Result<bool> look();
  Result<bool> attach_again();
  bool is_ours(const LogPosition& position) const;
  void handle(int signal);
  void read_input();
  void send_input();
  void end_input();

  const Layout& layout_;
  AttachTarget target_;
  Attachment attached_;
  AttachView view_;
  RawTerminal terminal_;
  bool reads_;            // there is more on our stdin
  std::string unsent_;    // read, and not taken yet
};

}  // namespace podrun::supervisor

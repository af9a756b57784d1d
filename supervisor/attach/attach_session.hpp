// The client of `podrun attach`: copies a container's standard streams until the end of the instance.
#pragma once

#include <memory>
#include <string>

#include "supervisor/attach/attach_protocol.hpp"
#include "supervisor/attach/attach_view.hpp"
#include "supervisor/attach/exec_session.hpp"
#include "supervisor/attach/raw_terminal.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// The container to attach to, and the options.
struct AttachTarget {
  std::string id;         ///< id of the pod
  std::string container;
  LogFolder logs;         ///< folder of the container's logs
  bool input = false;     ///< send stdin to the container
  bool raw = false;       ///< both ends are terminals: pass keys and the window size on
  bool once = false;      ///< stdinOnce: its stdin ends when this client closes it
};

/// A session of one client.
class AttachSession {
 public:
  /// Attaches. Errors: as attach_to().
  static Result<std::unique_ptr<AttachSession>> begin(const Layout& layout, AttachTarget target);

  /// Copies both ways until the instance has ended or the reader of stdout is gone. A signal of `signals` ends the
  /// process after the terminal was restored. An error if the output cannot be written.
  Result<> run_session(const ExecSignals* signals);

 private:
  AttachSession(const Layout& layout, AttachTarget target, Attachment attached, AttachView view);
  Result<bool> look();
  Result<bool> attach_again();
  bool is_ours(const LogPosition& position) const;
  Result<bool> show();
  void handle(int signal);
  void read_input();
  void send_input();
  void end_input();

  const Layout& layout_;
  AttachTarget target_;
  Attachment attached_;
  AttachView view_;
  OwnStreams own_;
  RawTerminal terminal_;
  bool reads_;            // stdin has not ended
  std::string unsent_;    // read from stdin but not written to the container
};

}  // namespace podrun::supervisor

// A start with -d, seen from the process that waits for it.
//
//   podrun -d web.yaml ──fork──▶ reads the manifest, leaves the caller's session ──fork──▶ the supervisor
//     │ waits                        └─exec─▶ podrun-pause                                     │
//     └◀── pipe: the pod's id, then the exit status and lines for stderr ◀─────────────────────┘
//
// Most often the front is that process: namespaces/front/detached_start.hpp. This one is for several pods, and for a
// form of the option that the front does not recognise.
#pragma once

#include <functional>
#include <string>

#include "namespaces/kernel/process.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/exit_status.hpp"

namespace podrun::supervisor {

/// A process that starts a pod. Destroying this object neither ends nor awaits it.
class DetachedStart {
 public:
  /// Forks. The child calls `start` with its end of the pipe; what it returns is the exit status of a start that ended
  /// before announce_pod(). Until leave_caller() the child dies with this process.
  static Result<DetachedStart> begin(const std::function<ExitStatus(Fd result)>& start);

  /// Readable when there is something to hear().
  int fd() const { return pipe_.get(); }
  /// Reads once from the pipe, waiting if it is empty. False at its end: the result is complete.
  bool hear();
  /// Hears the rest, prints the pod's name to stdout and the lines to stderr, and returns the exit status. After a
  /// failed start nothing of it is left.
  ExitStatus finish();

 private:
  DetachedStart(ns::Process process, Fd pipe) : process_(std::move(process)), pipe_(std::move(pipe)) {}

  ns::Process process_;
  Fd pipe_;
  std::string heard_;
};

/// Tells the caller which pod is being started: from now on the result comes through the pipe.
void announce_pod(const Fd& result, const std::string& id);
/// Tells the caller the result, with lines for its stderr, which name the pod.
void send_start_result(const Fd& result, ExitStatus status, const std::string& words);

}  // namespace podrun::supervisor

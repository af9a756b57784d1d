// The supervisor's end of the pause protocol (namespaces/pause/pause_protocol.hpp draws it).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"
#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::pause {
struct Message;
}

namespace podrun::ns {

/// What the pause keeps under a name: a registered child (pid > 0) or held descriptors (pid 0).
struct KeptItem {
  std::string name;
  pid_t pid = 0;
  int instance = 0;
  std::vector<Fd> fds;
  int signalled = 0;  ///< the last signal that PauseClient::signal() sent to the child; 0: none
};

/// Everything that the pause holds, for a supervisor to adopt.
struct Holdings {
  std::vector<KeptItem> children;
  std::vector<KeptItem> holds;
  std::size_t sandbox_steps_done = 0;
  int stops = 0;  ///< INT, TERM, HUP received so far
  unsigned version = 0;
  std::optional<int> previous_exit;  ///< how the supervisor before this one ended: a wait(2) status
  bool previous_hung = false;       ///< it did not answer, and the pause killed it
};

/// When a step was done: CLOCK_BOOTTIME in nanoseconds.
struct StepTime {
  std::int64_t begin;
  std::int64_t end;
};

/// What the steps of a sandbox have made, as far as they were among those performed.
struct Sandbox {
  Fd cells;  ///< the pod's /c, O_PATH
  Fd init;   ///< pidfd of the pod's init
};

/// The channel to the pause. Errors mean that the pause is gone.
class PauseClient {
 public:
  explicit PauseClient(Fd socket) : socket_(std::move(socket)) {}

  int fd() const { return socket_.get(); }

  /// Has the pause do steps[first…]; `cgroup` is the pod's group, for its init. It works while we do something else.
  Result<> request(const std::vector<pod::SandboxStep>& steps, std::size_t first, int cgroup);
  /// Waits until it has done what was asked of it; an error names the first that failed ("sandbox step 2 of 5: …").
  Result<Sandbox> await(const std::vector<pod::SandboxStep>& steps, std::size_t first);
  /// Both, one after the other.
  Result<Sandbox> perform(const std::vector<pod::SandboxStep>& steps, std::size_t first, int cgroup);
  /// When the pause did the steps of the last await().
  const std::vector<StepTime>& step_times() const { return step_times_; }

  /// Registers a child with its descriptors, whose copies the pause keeps until reap(), or until it is registered anew.
  Result<> register_child(const std::string& name, int instance, pid_t pid, const std::vector<int>& fds);
  Result<> hold(const std::string& name, const std::vector<int>& fds);
  Result<> release(const std::string& name);
  /// Sends a registered child a signal, and it goes on the register that it was sent: whatever becomes of us, it is so
  /// once. A pause of protocol 2 keeps no record of signals: then it is sent from here.
  Result<> signal(const Process& child, int number);
  Result<> reap(pid_t pid);
  Result<Holdings> list();
  /// From now on our death is followed by another supervisor at once, and the pause asks from time to time whether we
  /// live: receive_pending() must follow within `timeout`, or it kills us. 0: it never asks.
  Result<> adopted(std::chrono::milliseconds timeout);
  /// We only clean up from now on, however long that takes: the pause asks no more.
  Result<> leaving();
  /// Ends the pause, and with it the pod, with that exit status.
  Result<> quit(int code);

  /// What arrived by itself: the number of stop requests so far, 0 for none yet. `gone` is set at the end of file.
  /// Answers the pause's questions.
  int receive_pending(bool& gone);
  /// Children of the pause of which it has told since the last call: they have ended, and are not registered. Each is
  /// to be reaped, unless it is one of ours whose registration is on its way.
  std::vector<pid_t> take_unregistered_children() { return std::exchange(unregistered_children_, {}); }

 private:
  void note_news(const pause::Message& message);

  Fd socket_;
  int stops_ = 0;
  unsigned version_ = 0;  ///< the pause's, as of the last list(); 0: not yet known
  std::vector<pid_t> unregistered_children_;
  std::vector<StepTime> step_times_;
};

}  // namespace podrun::ns

// Short-lived child processes of the supervisor, for work of unknown duration.
#pragma once

#include <functional>
#include <list>
#include <optional>

#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/process.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/event_loop.hpp"
#include "supervisor/engine/sandbox.hpp"

namespace podrun::supervisor {

/// They are in the pod's control group, so a clean-up waits for them as for the containers.
class HelperProcesses {
 public:
  HelperProcesses(EventLoop& loop, const Sandbox& sandbox) : loop_(loop), sandbox_(sandbox) {}

  /// Runs work in a child process and reaps that. An error is logged.
  void run(const std::function<int()>& work);
  /// Runs work in a child process, and handles events until it has ended: a stop ends both.
  Result<> run_and_wait(const std::function<Result<>()>& work);
  /// For the end of the supervisor: kills the process of run_and_wait(), and waits for the others.
  void end();

 private:
  struct Helper {
    ns::Process process;
    EventSource watch;
  };

  EventLoop& loop_;
  const Sandbox& sandbox_;
  std::list<Helper> running_;
  std::optional<ns::ChildTask> awaited_;
};

}  // namespace podrun::supervisor

// Short-lived child processes of the supervisor.
#include "supervisor/engine/helper_processes.hpp"

#include <signal.h>

#include <utility>

#include "supervisor/core/log.hpp"

namespace podrun::supervisor {

void HelperProcesses::run(const std::function<int()>& work) {
  const auto group = sandbox_.cgroup().helpers();
  auto process = group ? ns::run_in_child(work, group->get()) : std::unexpected(group.error());
  if (!process) return log_warning("{}", process.error().message);
  const auto helper = running_.insert(running_.end(), Helper{std::move(*process), {}});
  auto watched = loop_.watch(helper->process.pidfd.get(), EPOLLIN, [this, helper] {
    (void)ns::wait_for(helper->process);
    running_.erase(helper);
  });
  if (watched) helper->watch = std::move(*watched);
}

Result<> HelperProcesses::run_and_wait(const std::function<Result<>()>& work) {
  const Fd group = TRY(sandbox_.cgroup().helpers());
  awaited_ = TRY(ns::start_child_task(work, group.get()));
  bool done = false;
  EventSource watch = TRY(loop_.watch(awaited_->process.pidfd.get(), EPOLLIN, [&] { done = true; }));
  TRY_VOID(loop_.run_until([&] { return done; }));
  watch.reset();  // before its descriptor is closed
  const Result<> end = ns::finish_child_task(*awaited_);
  awaited_.reset();
  return end;
}

void HelperProcesses::end() {
  if (awaited_) {
    (void)ns::send_signal(awaited_->process, SIGKILL);
    (void)ns::finish_child_task(*awaited_);
  }
  for (const Helper& helper : running_) (void)ns::wait_for(helper.process);
}

}  // namespace podrun::supervisor

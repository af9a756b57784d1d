// Runs several pods of one command.
//
//   podrun a.yaml b.yaml ──fork──► pause of a ─► supervisor of a
//   (waits, passes       └─fork──► pause of b ─► supervisor of b
//    signals on)
//
// With -d it waits until the pods have started, and passes no signals on.
#include "supervisor/engine/multiple_pods.hpp"

#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/files.hpp"
#include "namespaces/pause/stop_signals.hpp"
#include "pod/spec/pod_name.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/engine/detached_start.hpp"

namespace podrun::supervisor {
namespace {

/// The signals that this process passes on. A SIGHUP that is ignored from the start stays ignored.
sigset_t forwarded_signals() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGCHLD}) ::sigaddset(&set, signal);
  if (!ns::ignores(SIGHUP)) ::sigaddset(&set, SIGHUP);
  return set;
}

/// Blocks signals; the pods keep running when a terminal stops its foreground group, and so must this process.
void block(sigset_t signals) {
  for (const int signal : {SIGTSTP, SIGTTIN, SIGTTOU}) ::sigaddset(&signals, signal);
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
}

/// Runs in a child: becomes the pod, which stops when the parent dies. The child gets a process group of its own, so
/// that a signal to the parent's group, which the parent passes on, arrives once. It may still write to the terminal.
int become_pod(RunRequest& request) {
  sigset_t output;
  ::sigemptyset(&output);
  ::sigaddset(&output, SIGTTOU);
  ::sigprocmask(SIG_BLOCK, &output, nullptr);
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  return static_cast<int>(start_pod(std::move(request)));
}

/// Containers of different pods, and pods of different namespaces, may have the same name.
void assign_prefixes(std::vector<RunRequest>& requests) {
  std::size_t width = 0;
  for (RunRequest& request : requests) {
    const pod::PodPlan& plan = request.loaded.plan;
    request.prefix = pod::pod_name(plan.id) + "/";
    for (const pod::ContainerPlan& container : plan.containers)
      width = std::max(width, request.prefix.size() + container.name.size());
  }
  for (RunRequest& request : requests) request.name_width = width;
}

pause::ReceivedSignal received_signal(const siginfo_t& info) {
  return {.signal = static_cast<std::uint32_t>(info.si_signo),
          .code = info.si_code,
          .sender = static_cast<std::uint32_t>(info.si_pid),
          .at_ms = std::chrono::floor<std::chrono::milliseconds>(boot_now()).count()};
}

int reap(std::vector<ns::Process>& pods) {
  int greatest = 0, status = 0;
  for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;)
    if (std::erase_if(pods, [&](const ns::Process& pod) { return pod.pid == pid; }) != 0)
      greatest = std::max(greatest, ns::exit_code_of(status));
  return greatest;
}

// ---- with -d ----

/// How many pods are started at the same time. A start waits for disks and for the kernel's locks, so there may be more
/// than processors; far more would only delay all of them.
std::size_t most_starts() { return 2 * static_cast<std::size_t>(std::max(::sysconf(_SC_NPROCESSORS_ONLN), 1L)); }

/// One of several starts.
struct OneOfSeveral {
  Result<DetachedStart> start;
  Fd messages;           // what its process has written to stderr before it left the caller
  bool running = false;  // its result is not complete
};

std::size_t running(const std::vector<OneOfSeveral>& starts) {
  return static_cast<std::size_t>(std::ranges::count_if(starts, &OneOfSeveral::running));
}

/// Of all requests the one of this process, which is a child: it must not keep what the others have claimed.
RunRequest take_only(std::vector<RunRequest>& requests, std::size_t index) {
  RunRequest own = std::move(requests[index]);
  requests.clear();
  return own;
}

OneOfSeveral begin_one(std::vector<RunRequest>& requests, std::vector<OneOfSeveral>& others) {
  const std::size_t index = others.size();
  Fd messages(::memfd_create("messages", MFD_CLOEXEC));
  if (!messages) return {fail_system("memory for messages"), Fd()};
  auto start = DetachedStart::begin([&](Fd result) {
    others.clear();  // the pod must not keep their pipes
    if (::dup2(messages.get(), STDERR_FILENO) < 0) return ExitStatus::CannotStart;
    messages.reset();
    RunRequest request = take_only(requests, index);
    request.result = std::move(result);
    return start_pod(std::move(request));
  });
  requests[index].loaded.claims.clear();  // they are the child's
  const bool begun = start.has_value();
  return {std::move(start), std::move(messages), begun};
}

/// Waits until something is heard of at least one start.
void hear_from_some(std::vector<OneOfSeveral>& starts) {
  std::vector<pollfd> pipes;
  std::vector<OneOfSeveral*> sources;
  for (OneOfSeveral& each : starts) {
    if (!each.running) continue;
    pipes.push_back({.fd = each.start->fd(), .events = POLLIN, .revents = 0});
    sources.push_back(&each);
  }
  if (pipes.empty() || ::poll(pipes.data(), pipes.size(), -1) <= 0) return;
  for (std::size_t i = 0; i < pipes.size(); ++i)
    if (pipes[i].revents != 0) sources[i]->running = sources[i]->start->hear();
}

ExitStatus finish_one(OneOfSeveral& one) {
  if (!one.start) return report_error(ExitStatus::CannotStart, one.start.error().message);
  warn(ns::read_file(fmt::format("/proc/self/fd/{}", one.messages.get())).value_or(""));
  one.messages.reset();
  return one.start->finish();
}

}  // namespace

ExitStatus run_pods_in_parallel(std::vector<RunRequest> requests) {
  const sigset_t signals = forwarded_signals();
  block(signals);
  assign_prefixes(requests);
  std::vector<ns::Process> pods;
  int greatest = 0;
  for (std::size_t index = 0; index < requests.size(); ++index) {
    auto pod = ns::run_in_child([&] {
      RunRequest request = take_only(requests, index);
      return become_pod(request);
    });
    requests[index].loaded.claims.clear();  // they are the child's
    if (pod) {
      ::setpgid(pod->pid, pod->pid);  // in parent and child, whichever is first
      pods.push_back(std::move(*pod));
    } else {
      log_error("{}", pod.error().message);
      greatest = static_cast<int>(ExitStatus::CannotStart);
    }
  }
  pause::StopSignals stops;
  while (!pods.empty()) {
    siginfo_t info{};
    const int signal = ::sigwaitinfo(&signals, &info);
    if (signal == SIGCHLD) greatest = std::max(greatest, reap(pods));
    if (signal > 0 && stops.add(received_signal(info)))
      for (const ns::Process& pod : pods) (void)ns::send_signal(pod, signal);
  }
  return static_cast<ExitStatus>(greatest);
}

ExitStatus start_pods_detached(std::vector<RunRequest> requests) {
  const std::size_t most = most_starts();
  std::vector<OneOfSeveral> starts;  // in the order of the requests
  std::size_t printed = 0, greatest = 0;
  while (printed < requests.size()) {
    while (starts.size() < requests.size() && running(starts) < most)
      starts.push_back(begin_one(requests, starts));
    hear_from_some(starts);
    for (; printed < starts.size() && !starts[printed].running; ++printed)
      greatest = std::max(greatest, static_cast<std::size_t>(finish_one(starts[printed])));
  }
  return static_cast<ExitStatus>(greatest);
}

}  // namespace podrun::supervisor

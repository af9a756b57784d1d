// Several pods of one command.
//
//   podrun a.yaml b.yaml ──fork──► pause of a ─► supervisor of a
//   (waits, passes on)   └─fork──► pause of b ─► supervisor of b
#include "supervisor/side_by_side.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "namespaces/process.hpp"
#include "supervisor/log.hpp"

namespace podrun::supervisor {
namespace {

/// What this process hears.
sigset_t heard() {
  sigset_t set;
  ::sigemptyset(&set);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGCHLD}) ::sigaddset(&set, signal);
  return set;
}

/// A child that becomes the pod; it stops when this process has died.
pid_t fork_pod(RunRequest& request, pid_t parent) {
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(static_cast<int>(ExitStatus::CannotStart));
  ::_exit(static_cast<int>(start_pod(std::move(request))));
}

int reap(std::vector<pid_t>& pods) {
  int greatest = 0, status = 0;
  for (pid_t pid; (pid = ::waitpid(-1, &status, WNOHANG)) > 0;)
    if (std::erase(pods, pid) != 0) greatest = std::max(greatest, ns::exit_code_of(status));
  return greatest;
}

}  // namespace

ExitStatus run_side_by_side(std::vector<RunRequest> requests) {
  const sigset_t signals = heard();
  ::sigprocmask(SIG_BLOCK, &signals, nullptr);
  std::vector<pid_t> pods;
  int greatest = 0;
  for (RunRequest& request : requests) {
    const pid_t pid = fork_pod(request, ::getpid());
    if (pid > 0) pods.push_back(pid);
    if (pid >= 0) continue;
    log_error("{}", Error::system("fork").message);
    greatest = static_cast<int>(ExitStatus::CannotStart);
  }
  while (!pods.empty()) {
    siginfo_t info{};
    const int signal = ::sigwaitinfo(&signals, &info);
    if (signal == SIGCHLD) greatest = std::max(greatest, reap(pods));
    // The terminal's own reach the whole process group.
    if (signal > 0 && signal != SIGCHLD && info.si_code != SI_KERNEL)
      for (const pid_t pid : pods) ::kill(pid, signal);
  }
  return static_cast<ExitStatus>(greatest);
}

ExitStatus start_one_by_one(std::vector<RunRequest> requests) {
  int greatest = 0;
  for (RunRequest& request : requests) greatest = std::max(greatest, static_cast<int>(start_pod(std::move(request))));
  return static_cast<ExitStatus>(greatest);
}

}  // namespace podrun::supervisor

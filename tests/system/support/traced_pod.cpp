// A pod under ptrace(2).
#include "tests/system/support/traced_pod.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <map>
#include <set>

#include "namespaces/kernel/process.hpp"
#include "tests/system/support/procfs.hpp"
#include "tests/system/support/temporary_root.hpp"

namespace podrun::test {
namespace {

constexpr int system_call_stop = SIGTRAP | 0x80;
constexpr long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACECLONE |
                         PTRACE_O_TRACEVFORK | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;

/// Starts podrun as a tracee, which waits.
pid_t start(const std::vector<std::string>& words, const std::string& said) {
  std::vector<const char*> argv{podrun_program.c_str()};
  for (const std::string& word : words) argv.push_back(word.c_str());
  argv.push_back(nullptr);
  const pid_t pid = ::fork();
  if (pid != 0) return pid;
  const int file = ::open(said.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::dup2(file, STDOUT_FILENO);
  ::dup2(file, STDERR_FILENO);
  ::setsid();
  ::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr);
  ::raise(SIGSTOP);
  ::execv(argv[0], const_cast<char* const*>(argv.data()));
  ::_exit(127);
}

class Tracer {
 public:
  Tracer(pid_t main, const std::vector<Instant>& instants) : main_(main), instants_(instants) {}

  TracedRun run() {
    TracedRun result;
    const Deadline deadline = soon() + test_timeout;
    while (std::chrono::steady_clock::now() < deadline) {
      int status = 0;
      const pid_t pid = ::waitpid(-1, &status, __WALL | WNOHANG);
      if (pid == 0) {
        // waitpid(2) has no time-out, so it is called again after a change, or after a moment.
        constexpr timespec moment{.tv_sec = 0, .tv_nsec = 1'000'000};
        sigset_t child;
        ::sigemptyset(&child);
        ::sigaddset(&child, SIGCHLD);
        ::sigtimedwait(&child, nullptr, &moment);
      } else if (pid < 0) {
        break;
      } else if (WIFSTOPPED(status)) {
        on_stop(pid, status);
      } else if (pid == main_) {
        result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        break;
      }
    }
    for (const pid_t supervisor : supervisors_) result.calls.push_back(counts_[supervisor].calls);
    result.killed = killed_;
    return result;
  }

 private:
  void on_stop(pid_t pid, int status) {
    const int signal = WSTOPSIG(status), event = status >> 16;
    if (pid == main_ && !main_is_set_up_) {
      main_is_set_up_ = true;
      ::ptrace(PTRACE_SETOPTIONS, pid, nullptr, options);
      go_on(pid, 0);
    } else if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK || event == PTRACE_EVENT_CLONE) {
      unsigned long child = 0;
      ::ptrace(PTRACE_GETEVENTMSG, pid, nullptr, &child);
      note_child(static_cast<pid_t>(child));
      go_on(pid, 0);
    } else if (note_child(pid);
               pid != main_ && number_of(pid) >= std::min(supervisors_.size(), instants_.size())) {
      ::ptrace(PTRACE_DETACH, pid, nullptr, 0);
    } else if (signal == system_call_stop) {
      on_system_call(pid);
    } else {
      const bool begins = signal == SIGSTOP && begun_.insert(pid).second;
      go_on(pid, begins || event != 0 ? 0 : signal);
    }
  }

  /// Each system call stops twice, at its entry and at its return.
  void on_system_call(pid_t pid) {
    __ptrace_syscall_info info{};
    ::ptrace(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, &info);
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY && begins(pid, info.entry.nr)) {
      if (const auto supervisor = ns::open_process(pid)) (void)ns::send_signal(*supervisor, SIGKILL);
      ++killed_;
      return;
    }
    go_on(pid, 0);
  }

  /// Counts a call. Returns whether the supervisor is to be killed before it.
  bool begins(pid_t pid, std::uint64_t number) {
    const Instant& instant = instants_[number_of(pid)];
    Counts& counts = counts_[pid];
    ++counts.calls;
    if (counts.clones >= instant.clone) ++counts.calls_behind_clone;
    if (number == SYS_clone3) ++counts.clones;
    return counts.calls_behind_clone == instant.call && instant.call > 0;
  }

  std::size_t number_of(pid_t pid) const {
    return static_cast<std::size_t>(std::ranges::find(supervisors_, pid) - supervisors_.begin());
  }
  /// A child's first stop and its parent's event come in any order. Children of the pause without a PID namespace of
  /// their own are supervisors.
  void note_child(pid_t pid) {
    const bool is_container = status_of(pid, "NSpid").find(' ') != std::string::npos;
    if (parent_of(pid) == main_ && !is_container && number_of(pid) == supervisors_.size())
      supervisors_.push_back(pid);
  }

  void go_on(pid_t pid, int signal) {
    ::ptrace(pid == main_ ? PTRACE_CONT : PTRACE_SYSCALL, pid, nullptr, signal);
  }

  struct Counts {
    int calls = 0;
    int clones = 0;
    int calls_behind_clone = 0;
  };

  pid_t main_;
  const std::vector<Instant>& instants_;
  bool main_is_set_up_ = false;
  std::vector<pid_t> supervisors_;
  std::set<pid_t> begun_;
  std::map<pid_t, Counts> counts_;
  int killed_ = 0;
};

}  // namespace

TracedRun run_traced(const std::vector<std::string>& words, const std::vector<Instant>& instants,
                     const std::string& said) {
  const pid_t main = start(words, said);
  sigset_t child, before;
  ::sigemptyset(&child);
  ::sigaddset(&child, SIGCHLD);
  ::sigprocmask(SIG_BLOCK, &child, &before);
  const TracedRun result = Tracer(main, instants).run();
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  return result;
}

}  // namespace podrun::test

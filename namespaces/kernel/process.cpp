// A process, named by pid and pidfd together.
#include "namespaces/kernel/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <charconv>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/syscalls.hpp"

#ifndef P_PIDFD
#define P_PIDFD static_cast<idtype_t>(3)
#endif

namespace podrun::ns {
namespace {

/// Field `number` of /proc/PID/stat, counted from 1 as in proc(5). Fields before the command's name cannot be asked
/// for.
Result<std::int64_t> stat_field(pid_t pid, int number) {
  const std::string path = fmt::format("/proc/{}/stat", pid);
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return fail_system(path);
  char buffer[1024];
  const ssize_t length = ::read(file.get(), buffer, sizeof buffer);
  if (length <= 0) return fail_system(path);
  std::string_view text(buffer, static_cast<std::size_t>(length));
  text.remove_prefix(text.rfind(')') + 2);  // "state" is field 3
  for (int skipped = 3; skipped < number; ++skipped) text.remove_prefix(text.find(' ') + 1);
  if (number == 3) return text.front();
  std::int64_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{}) return fail(path + ": unexpected format");
  return value;
}

}  // namespace

Result<Process> open_process(pid_t pid) {
  Fd pidfd(sys::pidfd_open(pid));
  if (!pidfd) return fail_system(fmt::format("pidfd_open {}", pid));
  return Process{pid, std::move(pidfd)};
}

Result<std::vector<pid_t>> children_of(pid_t pid) {
  std::istringstream pids(TRY(read_file(fmt::format("/proc/{}/task/{}/children", pid, pid))));
  std::vector<pid_t> children;
  for (pid_t child = 0; pids >> child;) children.push_back(child);
  return children;
}

Result<> send_signal(const Process& process, int signal) {
  if (::syscall(SYS_pidfd_send_signal, process.pidfd.get(), signal, nullptr, 0) == 0 || errno == ESRCH) return {};
  return fail_system(fmt::format("signal {} to process {}", signal, process.pid));
}

Result<> end(const Process& process, std::chrono::milliseconds timeout) {
  TRY_VOID(send_signal(process, SIGKILL));
  pollfd dead{process.pidfd.get(), POLLIN, 0};
  if (::poll(&dead, 1, static_cast<int>(timeout.count())) == 1) return {};
  return fail(fmt::format("process {} cannot be killed", process.pid), ETIMEDOUT);
}

Result<std::optional<int>> peek_exit(pid_t pid) {
  const std::int64_t state = TRY(stat_field(pid, 3));
  if (state != 'Z' && state != 'X') return std::nullopt;
  return static_cast<int>(TRY(stat_field(pid, 52)));
}

bool is_ending(pid_t pid) {
  constexpr std::int64_t exiting = 4;  // PF_EXITING
  const auto flags = stat_field(pid, 9);
  return !flags || (*flags & exiting) != 0;
}

bool has_not_executed(pid_t pid) {
  constexpr std::int64_t forked_only = 0x40;  // PF_FORKNOEXEC
  const auto flags = stat_field(pid, 9);
  return flags && (*flags & forked_only) != 0;
}

bool ignores(int signal) {
  struct sigaction disposition{};
  return ::sigaction(signal, nullptr, &disposition) == 0 && disposition.sa_handler == SIG_IGN;
}

int exit_code_of(int wait_status) {
  return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

Result<std::uint64_t> start_ticks(pid_t pid) { return static_cast<std::uint64_t>(TRY(stat_field(pid, 22))); }

Result<Process> copy_of(const Process& process) {
  Fd copy(::fcntl(process.pidfd.get(), F_DUPFD_CLOEXEC, 0));
  if (!copy) return fail_system(fmt::format("pidfd of process {}", process.pid));
  return Process{process.pid, std::move(copy)};
}

Result<pid_t> pid_of(int pidfd) {
  const std::string path = fmt::format("/proc/self/fdinfo/{}", pidfd);
  std::istringstream lines(TRY(read_file(path)));
  for (std::string word; lines >> word;)
    if (pid_t pid = 0; word == "Pid:" && lines >> pid && pid > 0) return pid;
  return fail(path + ": no such process", ESRCH);
}

Result<int> wait_for(const Process& process) {
  siginfo_t info{};
  while (::waitid(P_PIDFD, static_cast<id_t>(process.pidfd.get()), &info, WEXITED) < 0)
    if (errno != EINTR) return fail_system(fmt::format("wait for process {}", process.pid));
  return info.si_code == CLD_EXITED ? info.si_status << 8 : info.si_status;
}

}  // namespace podrun::ns

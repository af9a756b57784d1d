// The intermediate, between clone3(2) and execve(2).
#include "namespaces/child/run_intermediate.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "namespaces/entry/entry_protocol.hpp"

namespace podrun::ns {
namespace {

/// Puts descriptors where podrun-entry expects them. They are duplicated to higher numbers first, so that none is
/// overwritten.
bool arrange(const EntryDescriptors& given) noexcept {
  constexpr int first_free = entry::after_last_fd;
  const std::array<std::pair<int, int>, 10> places{{{given.standard[0], 0},
                                                   {given.standard[1], 1},
                                                   {given.standard[2], 2},
                                                   {given.report, entry::report_fd},
                                                   {given.order, entry::order_fd},
                                                   {given.pid, entry::pid_fd},
                                                   {given.gate, entry::gate_fd},
                                                   {given.root, entry::root_fd},
                                                   {given.group, entry::group_fd},
                                                   {given.kill, entry::kill_fd}}};
  std::array<int, places.size()> moved{};
  for (std::size_t i = 0; i < places.size(); ++i) {
    moved[i] = places[i].first < 0 ? -1 : ::fcntl(places[i].first, F_DUPFD_CLOEXEC, first_free);
    if (places[i].first >= 0 && moved[i] < 0) return false;
  }
  const int program = ::fcntl(given.program, F_DUPFD_CLOEXEC, first_free);
  if (program < 0) return false;
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (moved[i] < 0) ::close(places[i].second);
    else if (::dup2(moved[i], places[i].second) < 0) return false;
  }
  // The program's own place comes last: it is closed by the exec.
  return ::dup3(program, first_free, O_CLOEXEC) >= 0 || program == first_free;
}

void report(const IntermediateTask& work, std::size_t step, int error) noexcept {
  const StepFailure sent{static_cast<std::uint16_t>(step), static_cast<std::uint16_t>(error)};
  ::send(work.context.descriptors[pod::slot::report], &sent, sizeof sent, MSG_NOSIGNAL);
}

/// Returns only after a failure.
void take_steps(const IntermediateTask& work) noexcept {
  if (work.dies_with_parent && ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
    return report(work, entry::not_cloned, errno);
  if (const auto [step, error] = run_steps(work.plan, work.context, work.steps); error != 0)
    return report(work, step, error);
  if (!arrange(work.descriptors)) return report(work, entry::not_cloned, errno);
  std::size_t failed = work.close_step;
  if (::syscall(SYS_close_range, entry::after_last_fd + 1, ~0U, 0) == 0) {
    ::syscall(SYS_execveat, entry::after_last_fd, "", work.context.argv, work.context.envp, AT_EMPTY_PATH);
    failed = entry::not_cloned;
  }
  // From here on the report socket has this number.
  const StepFailure sent{static_cast<std::uint16_t>(failed), static_cast<std::uint16_t>(errno)};
  ::send(entry::report_fd, &sent, sizeof sent, MSG_NOSIGNAL);
}

}  // namespace

void run_intermediate(void* task) noexcept {
  take_steps(*static_cast<const IntermediateTask*>(task));
  ::syscall(SYS_exit_group, 128);
}

}  // namespace podrun::ns

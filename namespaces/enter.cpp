// One more process in a container that runs.
#include "namespaces/enter.hpp"

#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <iterator>
#include <variant>
#include <vector>

#include "namespaces/exec_strings.hpp"
#include "namespaces/mounts.hpp"
#include "namespaces/seccomp.hpp"
#include "namespaces/syscalls.hpp"
#include "pod/compile_enter.hpp"
#include "pod/describe.hpp"

namespace podrun::ns {
namespace {

/// Everything the monitor works with, ready before it is forked.
struct Commission {
  const pod::ContainerPlan& plan;
  const ChildContext& context;
  const EnterSite& site;
  int lifeline;  // the monitor's end
};

[[noreturn]] void give_up(const Commission& commission) noexcept {
  const Report report{not_cloned, static_cast<std::uint16_t>(errno)};
  ::send(commission.context.descriptors[pod::slot::report], &report, sizeof report, MSG_NOSIGNAL);
  ::_exit(128);
}

Process clone_command(const Commission& commission) noexcept {
  int pidfd = -1;
  clone_args arguments{};
  arguments.flags = CLONE_PIDFD | CLONE_INTO_CGROUP;
  arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  arguments.cgroup = static_cast<std::uint64_t>(commission.site.cgroup);
  arguments.exit_signal = SIGCHLD;
  const pid_t pid = sys::clone3(arguments);
  if (pid < 0) give_up(commission);
  if (pid == 0) run_child(commission.plan, commission.context);
  return {pid, Fd(pidfd)};
}

/// What a monitor still needs has these numbers, and all else is closed: a pipe of the caller's must not stay open here.
constexpr int command_fd = 0, lifeline_fd = 1;

void keep_only(int command, int lifeline) noexcept {
  // Both lie above 2, which the front has seen to.
  ::dup2(command, command_fd);
  ::dup2(lifeline, lifeline_fd);
  ::syscall(SYS_close_range, lifeline_fd + 1, ~0U, 0);
}

/// Passes on what the client wants until the command has ended; its wait status.
void watch(const Process& command, bool has_terminal) noexcept {
  pollfd watched[] = {{command_fd, POLLIN, 0}, {lifeline_fd, POLLIN, 0}};
  for (;;) {
    if (::poll(watched, std::size(watched), -1) < 0) continue;
    if (watched[0].revents != 0) return;
    unsigned char signal;
    if (::read(lifeline_fd, &signal, 1) == 1) {
      (void)send_signal(command, signal);
      continue;
    }
    // The client is dead. A terminal has hung up with it; a command without one would never know.
    if (!has_terminal) (void)send_signal(command, SIGKILL);
    watched[1].fd = -1;
  }
}

[[noreturn]] void monitor(const Commission& commission) noexcept {
  // The command is born among the container's processes: it may not be dumpable for an instant.
  if (::prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 || ::setsid() < 0) give_up(commission);
  if (const auto pid_namespace = commission.plan.pid_namespace;
      pid_namespace && ::setns(commission.context.descriptors[*pid_namespace], CLONE_NEWPID) < 0)
    give_up(commission);
  Process command = clone_command(commission);
  keep_only(command.pidfd.get(), commission.lifeline);
  command.pidfd.release();
  command.pidfd = Fd(command_fd);
  watch(command, commission.site.terminal >= 0);
  ::_exit(exit_code_of(wait_for(command).value_or(SIGKILL)));
}

struct Pair {
  Fd clients, monitors;
};

Result<Pair> make_pair() {
  int ends[2];
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) return fail_system("socketpair");
  return Pair{Fd(ends[0]), Fd(ends[1])};
}

/// Who enters has no volume.
constexpr PodMounts no_pod{.pause = -1, .cells = -1};

/// The trees that a plan brings along; verify_entering() knows no other host steps.
Result<std::vector<Fd>> open_trees(const pod::ContainerPlan& plan) {
  std::vector<Fd> slots(plan.descriptors.size());
  for (std::size_t index = 0; index < plan.host.size(); ++index) {
    Result<Fd> tree;
    pod::Slot to = 0;
    if (const auto* root = std::get_if<pod::host::OverlayRoot>(&plan.host[index])) {
      to = root->to;
      tree = make_overlay(*root, 0);
    } else {
      const auto& clone = std::get<pod::host::CloneTree>(plan.host[index]);
      to = clone.to;
      tree = clone_tree(clone, no_pod);
    }
    if (!tree) {
      const auto words = pod::describe(plan.host[index], plan);
      return fail(pod::step_words("host step", index, plan.host.size(), words) + ": " + tree.error().message);
    }
    slots[to] = std::move(*tree);
  }
  return slots;
}

std::vector<int> descriptors_of(const pod::ContainerPlan& plan, const std::vector<Fd>& trees, const EnterSite& site,
                                int report) {
  std::vector<int> descriptors;
  for (const Fd& tree : trees) descriptors.push_back(tree.get());
  descriptors[pod::enter_slot::container] = site.container;
  descriptors[pod::enter_slot::beside] = site.beside;
  // There is no gate: nobody registers this process.
  descriptors[pod::slot::gate] = descriptors[pod::slot::report] = report;
  for (std::size_t slot = 0; slot < plan.descriptors.size(); ++slot) {
    if (plan.descriptors[slot] == "terminal") descriptors[slot] = site.terminal;
    if (plan.descriptors[slot] == "devpts") descriptors[slot] = site.devpts;
  }
  return descriptors;
}

}  // namespace

Result<Entered> enter(const pod::ContainerPlan& plan, const EnterSite& site) {
  const std::vector<Fd> trees = TRY(open_trees(plan));
  Pair report = TRY(make_pair()), lifeline = TRY(make_pair());
  const std::vector<int> descriptors = descriptors_of(plan, trees, site, report.monitors.get());

  const ExecStrings exec(std::get<pod::step::Exec>(plan.child.back()));
  const Marks marks;
  const std::vector<Filter> filters = TRY(filters_of(plan));
  const ChildContext context{descriptors.data(), exec.argv(), exec.envp(), exec.search_path(), site.last_capability,
                             filters, &marks};
  const Commission commission{plan, context, site, lifeline.monitors.get()};

  int pidfd = -1;
  clone_args arguments{};
  arguments.flags = CLONE_PIDFD;
  arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  arguments.exit_signal = SIGCHLD;
  const pid_t pid = sys::clone3(arguments);
  if (pid < 0) return fail_system("clone3");
  if (pid == 0) {
    lifeline.clients.reset();  // else it would hold its own
    monitor(commission);
  }
  return Entered{{pid, Fd(pidfd)}, std::move(lifeline.clients), std::move(report.clients)};
}

void forward_signal(const Entered& entered, int signal) {
  const auto byte = static_cast<unsigned char>(signal);
  ::send(entered.lifeline.get(), &byte, sizeof byte, MSG_NOSIGNAL | MSG_DONTWAIT);
}

std::optional<Report> failed_step(const Entered& entered) {
  Report report;
  if (::recv(entered.report.get(), &report, sizeof report, MSG_DONTWAIT) != sizeof report) return std::nullopt;
  return report;
}

bool is_of_ending_container(int error) {
  return error == ESRCH || error == ENOMEM || error == ENOENT || error == ENODEV;
}

}  // namespace podrun::ns

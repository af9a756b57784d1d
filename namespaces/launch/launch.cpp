// The parent's part of a container's start.
#include "namespaces/launch/launch.hpp"

#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/socket.h>

#include <cstring>
#include <string_view>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/namespace_kinds.hpp"
#include "namespaces/kernel/seccomp_filters.hpp"
#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/launch/entry_order.hpp"
#include "namespaces/launch/exec_strings.hpp"
#include "namespaces/launch/intermediate.hpp"
#include "namespaces/paths/pty.hpp"
#include "namespaces/volumes/mounts.hpp"
#include "namespaces/volumes/overlay.hpp"
#include "pod/failure/step_failure.hpp"
#include "pod/spec/namespaces.hpp"
#include "pod/text/overloaded.hpp"

namespace podrun::ns {
namespace {

/// Makes a namespace, or gets the one that the pause holds.
Result<Fd> namespace_for(const pod::host::MakeNamespace& step, const LaunchSite& site) {
  return step.held ? site.held->get(step) : make_namespace(step, site.cgroup);
}

/// Makes the overlay, or takes the one that was made early.
Result<Fd> root_for(const pod::host::OverlayRoot& step, int instance, const LaunchSite& site) {
  std::optional<EarlyRoot> early;
  if (site.early_root != nullptr) early.swap(*site.early_root);
  return early && early->instance == instance ? std::move(early->root) : make_overlay(step, instance);
}

/// Opens the root of a container's process, or the host's, with O_PATH, which has no effects. The pidfd says which
/// process it was.
Result<Fd> open_root(const pod::host::OpenRoot& step, const LaunchSite& site) {
  std::string path = "/";
  if (!step.container.empty()) path = fmt::format("/proc/{}/root", TRY(site.process_of(step.container)).pid);
  Fd root(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return fail_system(path);
  return root;
}

/// The ends of a container's standard streams: those that it gets, and those that the supervisor keeps.
struct StreamEnds {
  Fd out, err;
  Fd input, master;  // as in Launched
};

Result<Fd> make_input(const pod::host::Input& step, Fd& kept) {
  Channel pipe = TRY(make_pipe());
  // Opening /dev/stdin opens the pipe anew, which is subject to its owner and mode.
  if (::fchown(pipe.first.get(), step.uid, step.gid) < 0 || ::fcntl(pipe.second.get(), F_SETFL, O_NONBLOCK) < 0)
    return fail_system("pipe");
  kept = std::move(pipe.second);
  return std::move(pipe.first);
}

Result<> make_terminal(const pod::host::Terminal& step, std::vector<Fd>& slots, StreamEnds& ends) {
  slots[step.devpts] = TRY(make_devpts());
  Pty pty = TRY(open_pty(slots[step.devpts].get(), step.uid));
  // Keeps the terminal from hanging up when the container closes its own end for a while.
  ends.input = Fd(::fcntl(pty.peer.get(), F_DUPFD_CLOEXEC, 0));
  if (!ends.input) return fail_system("terminal");
  ends.master = std::move(pty.master);
  slots[step.to] = std::move(pty.peer);
  return {};
}

/// Performs the host steps; their results go into `slots`.
Result<> prepare(const pod::ContainerPlan& plan, int instance, const LaunchSite& site, StreamEnds& ends,
                 std::vector<Fd>& slots, LaunchTimes& times) {
  const auto perform = pod::Overloaded{
      [&](const pod::host::OverlayRoot& step) -> Result<> {
        slots[step.to] = TRY(root_for(step, instance, site));
        return {};
      },
      [&](const pod::host::CloneTree& step) -> Result<> {
        slots[step.to] = TRY(clone_tree(step, {.pause = site.pause, .cells = site.cells}));
        return {};
      },
      [&](const pod::host::CloneProc& step) -> Result<> {
        const Process owner = TRY(site.process_of(step.container));
        slots[step.to] = TRY(clone_proc(step, owner.pidfd.get()));
        return {};
      },
      [&](const pod::host::MessageFile& step) -> Result<> {
        slots[step.to] = TRY(make_message_file(step));
        return {};
      },
      [&](const pod::host::MakeNamespace& step) -> Result<> {
        slots[step.to] = TRY(namespace_for(step, site));
        return {};
      },
      [&](const pod::host::OpenInit& step) -> Result<> {
        slots[step.to] = TRY(site.process_of("")).pidfd;
        return {};
      },
      [&](const pod::host::OpenProcess& step) -> Result<> {
        slots[step.to] = TRY(site.process_of(step.container)).pidfd;
        return {};
      },
      [&](const pod::host::OpenRoot& step) -> Result<> {
        slots[step.to] = TRY(open_root(step, site));
        return {};
      },
      [&](const pod::host::Stdio& step) -> Result<> {
        // Opening /dev/stdout opens the pipe anew, which is subject to its owner and mode.
        if (::fchown(ends.out.get(), step.uid, step.gid) < 0 || ::fchown(ends.err.get(), step.uid, step.gid) < 0)
          return fail_system("pipes");
        slots[step.out] = std::move(ends.out);
        slots[step.err] = std::move(ends.err);
        return {};
      },
      [&](const pod::host::Input& step) -> Result<> {
        slots[step.to] = TRY(make_input(step, ends.input));
        return {};
      },
      [&](const pod::host::Terminal& step) -> Result<> { return make_terminal(step, slots, ends); }};
  for (std::size_t index = 0; index < plan.host.size(); ++index) {
    const Result<> done = std::visit(perform, plan.host[index]);
    times.host.push_back(boottime_now());
    if (done) continue;
    return std::unexpected(pod::host_step_failure(plan, index, done.error()));
  }
  return {};
}

/// The clone flag for the PID namespace: it is the only kind that a process must be born into.
std::uint64_t new_namespaces(const pod::Composition& composition) {
  const auto pid = pod::source_of(composition, pod::NamespaceKind::Pid);
  return pid.owner == pod::NamespaceOwner::Private ? CLONE_NEWPID : 0;
}

/// Clones a process in a PID namespace of its own, or in the host's, as a child of the pause, which outlives the
/// supervisor. With CLONE_PARENT, exit_signal must be 0.
Result<Process> clone_child(const pod::ContainerPlan& plan, const ChildContext& context, int cgroup) {
  int pidfd = -1;
  clone_args arguments{};
  arguments.flags = CLONE_PARENT | CLONE_PIDFD | CLONE_INTO_CGROUP | new_namespaces(plan.namespaces);
  arguments.pidfd = reinterpret_cast<std::uintptr_t>(&pidfd);
  arguments.cgroup = static_cast<std::uint64_t>(cgroup);
  const pid_t pid = sys::clone3(arguments);
  if (pid < 0) return std::unexpected(pod::process_failure(Error::system("clone3")));
  if (pid == 0) run_child(plan, context);
  return Process{pid, Fd(pidfd)};
}

/// Why a process was not made, in the words for a failed step of a registered child.
std::unexpected<Error> start_error(const pod::ContainerPlan& plan, const StepFailure& report) {
  if (report.step == entry::not_cloned && (report.error == ESRCH || report.error == ENOMEM))
    return fail("the PID namespace that it joins is ending", report.error);
  if (report.step >= plan.child.size()) return fail_system("clone", report.error);
  return fail(pod::child_step_failure(plan, report.step, report.error), report.error);
}

/// Receives the process that podrun-entry reports; empty if it reports none. The container's processes cannot forge
/// this, because they have no end of the socket.
Result<std::optional<Process>> receive_birth(int socket) {
  entry::Born born{};
  alignas(cmsghdr) char control[CMSG_SPACE(sizeof(int))];
  iovec data{&born, sizeof born};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  const ssize_t length = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  const cmsghdr* const part = length == sizeof born ? CMSG_FIRSTHDR(&message) : nullptr;
  if (part == nullptr) return std::nullopt;
  Process process{.pid = born.pid, .pidfd = {}};
  int number = -1;
  std::memcpy(&number, CMSG_DATA(part), sizeof number);
  process.pidfd = Fd(number);
  if (pid_of(number).value_or(0) != born.pid) return fail("clone: killed before its program began", ESRCH);
  return process;
}

/// Makes a process in a PID namespace where others live, which must never see anything of the supervisor. When
/// podrun-entry has ended, the parent of the process is the pause.
Result<Process> clone_through_entry(const pod::ContainerPlan& plan, ChildContext context, const LaunchSite& site,
                                    Channel& report, const Channel& gate) {
  if (site.entry_program < 0) return fail_system("podrun-entry", ENOENT);
  context.through_entry = true;
  const Fd order =
      TRY(make_entry_order(plan, entry::Role::Launch, CLONE_NEWPID, site.last_capability, context.filters));
  Channel birth = TRY(make_socket_pair());
  const Process entry = TRY(start_intermediate(plan, context,
                                               {.program = site.entry_program,
                                                .order = order.get(),
                                                .report = report.second.get(),
                                                .pid = context.descriptors[*plan.pid_namespace],
                                                .gate = gate.first.get(),
                                                .root = birth.second.get()},
                                               site.cgroup, IntermediateParent::MortalCaller));
  birth.second.reset(), report.second.reset();  // so that the end of file is seen
  auto process = receive_birth(birth.first.get());
  TRY_VOID(wait_for(entry));
  if (!process) return std::unexpected(process.error());
  if (*process) return std::move(**process);
  StepFailure failure;
  if (::recv(report.first.get(), &failure, sizeof failure, MSG_DONTWAIT) == sizeof failure)
    return start_error(plan, failure);
  return fail("podrun-entry ended without a report", ECHILD);
}

}  // namespace

std::optional<EarlyRoot> make_root_early(const pod::ContainerPlan& plan, int instance) {
  for (const pod::HostStep& step : plan.host)
    if (const auto* const root = std::get_if<pod::host::OverlayRoot>(&step))
      return EarlyRoot{instance, make_overlay(*root, instance)};
  return std::nullopt;
}

Result<Launched> launch(const pod::ContainerPlan& plan, int instance, const LaunchSite& site, Fd out, Fd err,
                        LaunchTimes& times) {
  times.begin = boottime_now();
  std::vector<Fd> slots(plan.descriptors.size());
  StreamEnds ends{.out = std::move(out), .err = std::move(err), .input = {}, .master = {}};
  TRY_VOID(prepare(plan, instance, site, ends, slots, times));
  // A pipe could be opened anew by a process in the same PID namespace, and the gate be opened too early.
  Channel gate = TRY(plan.pid_namespace ? make_socket_pair() : make_pipe());
  Channel report = TRY(make_socket_pair());

  std::vector<int> numbers;
  for (const Fd& fd : slots) numbers.push_back(fd.get());
  numbers[pod::slot::pause] = site.pause;
  numbers[pod::slot::cells] = site.cells;
  numbers[pod::slot::gate] = gate.first.get();
  numbers[pod::slot::report] = report.second.get();

  const ExecStrings exec(std::get<pod::step::Exec>(plan.child.back()));
  const std::vector<Filter> filters = TRY(filters_of(plan));
  const ChildContext context{numbers.data(), exec.argv(), exec.envp(), exec.search_path(),
                             site.last_capability, filters, &times.child};

  Process process = TRY(plan.pid_namespace ? clone_through_entry(plan, context, site, report, gate)
                                           : clone_child(plan, context, site.cgroup));
  times.cloned = boottime_now();
  return Launched{std::move(process), std::move(report.first), std::move(gate.second), std::move(ends.input),
                  std::move(ends.master)};
}

ExecOutcome peek_report(int report, pid_t pid) {
  ExecOutcome outcome;
  const ssize_t length = ::recv(report, &outcome.report, sizeof outcome.report, MSG_PEEK | MSG_DONTWAIT);
  if (length == sizeof outcome.report) outcome.kind = ExecOutcome::Kind::Failed;
  if (length == 0) outcome.kind = has_not_executed(pid) ? ExecOutcome::Kind::Killed : ExecOutcome::Kind::Succeeded;
  return outcome;
}

}  // namespace podrun::ns

// Runs an entering plan; see enter_container.hpp.
#include "supervisor/attach/enter_container.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "namespaces/launch/enter.hpp"
#include "namespaces/launch/look_at_program.hpp"
#include "namespaces/launch/program_folder.hpp"
#include "namespaces/paths/pty.hpp"
#include "pod/failure/step_failure.hpp"
#include "pod/plan/verify_entering.hpp"
#include "supervisor/attach/exec_session.hpp"
#include "supervisor/attach/stream_relay.hpp"
#include "supervisor/attach/terminal_session.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/installed_programs.hpp"

namespace podrun::supervisor {
namespace {

/// How long the client waits for the end of what the command has left.
constexpr std::chrono::seconds kill_timeout{5};

/// Whether the command runs in the container's root. Otherwise it is a program of the host.
bool leaves_host(const pod::ContainerPlan& plan) {
  return std::ranges::any_of(plan.child, [](const pod::ChildStep& step) {
    return std::holds_alternative<pod::step::Chroot>(step) || std::holds_alternative<pod::step::PivotRoot>(step);
  });
}

/// Whether the command's root is another image's (debug).
bool has_own_image(const pod::ContainerPlan& plan) {
  return std::ranges::any_of(
      plan.host, [](const pod::HostStep& step) { return std::holds_alternative<pod::host::OverlayRoot>(step); });
}

/// Reports why the command was not executed.
ExitStatus report_step_failure(const ExecTarget& target, const pod::ContainerPlan& plan,
                               const ns::StepFailure& report) {
  const std::size_t last = plan.child.size() - 1;
  if (report.step != last && ns::is_of_ending_container(report.error))
    return report_error(container_ending_error(target.record.id, plan.name).error());
  const std::string where = fmt::format("{}/{}: ", target.record.name, plan.name);
  if (report.step == ns::not_cloned) return cannot_enter(fmt::format("{}clone: {}", where, ::strerror(report.error)));
  const ExitStatus status = report.step != last      ? ExitStatus::CannotEnter
                            : report.error == ENOENT ? ExitStatus::NotFound
                                                     : ExitStatus::NotExecutable;
  const bool is_in_container = report.step == last && leaves_host(plan) && !has_own_image(plan);
  const pod::ProgramFacts program =
      is_in_container ? ns::look_at_program(target.root.get(), plan) : pod::ProgramFacts{};
  return report_error(status, where + pod::child_step_failure(plan, report.step, report.error, program));
}

/// The user and group after the plan's steps; the caller's own without a SetIds step.
struct User {
  std::uint32_t uid = ::getuid(), gid = ::getgid();
};
User user_of(const pod::ContainerPlan& plan) {
  for (const pod::ChildStep& step : plan.child)
    if (const auto* ids = std::get_if<pod::step::SetIds>(&step)) return {ids->uid, ids->gid};
  return {};
}

/// A command that has ended, or was not executed.
struct Ended {
  ns::EnteredCommand entered;
  int status;
};

Result<Ended> run_with_relay(const pod::ContainerPlan& plan, ns::EnterSite site, bool has_input,
                             const ExecSignals& signals) {
  const User user = user_of(plan);
  StreamRelay relay = TRY(StreamRelay::create(user.uid, user.gid, has_input));
  site.standard = relay.command_ends();
  ns::EnteredCommand entered = TRY(ns::enter(plan, site));
  const int status = TRY(relay.run_session(entered, signals));
  return Ended{std::move(entered), status};
}

/// A program of the host gets this process's descriptors. This process then closes its own copies, because another
/// program may wait for their end.
Result<Ended> run_directly(const pod::ContainerPlan& plan, const ns::EnterSite& site, bool has_input,
                           const ExecSignals& signals) {
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return fail_system("/dev/null");
  if (!has_input) ::dup2(null.get(), STDIN_FILENO);
  ns::EnteredCommand entered = TRY(ns::enter(plan, site));
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO}) ::dup2(null.get(), standard);
  const int status = TRY(run_session(entered, signals));
  return Ended{std::move(entered), status};
}

/// The empty directory that covers the pod's cells; no container can write to it.
Result<Fd> open_empty_root(const ExecTarget& target) {
  const std::string path = fmt::format("/proc/{}/root/c", target.record.pause);
  Fd root(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!root) return fail_system(path);
  return root;
}

Result<Ended> run_on_terminal(const pod::ContainerPlan& plan, ns::EnterSite site, bool has_input,
                              const ExecSignals& signals) {
  TerminalSession session(TRY(ns::open_pty(site.devpts, user_of(plan).uid)), has_input);
  site.terminal = session.peer();
  ns::EnteredCommand entered = TRY(ns::enter(plan, site));
  const int status = TRY(session.run_session(entered, signals));
  return Ended{std::move(entered), status};
}

}  // namespace

ExitStatus cannot_enter(std::string_view sentence) { return report_error(ExitStatus::CannotEnter, sentence); }

bool lacks_terminal(bool wanted) {
  if (!wanted || ::isatty(STDIN_FILENO) != 0) return false;
  note("unable to use a TTY: input is not a terminal or the right kind of file");
  return true;
}

std::string terminal_type(bool wanted) {
  if (!wanted) return "";
  const char* const term = std::getenv("TERM");
  return term != nullptr && *term != '\0' ? term : "xterm";
}

/// Runs the command in its control group.
Result<Ended> run_in_group(const ExecTarget& target, const pod::ContainerPlan& plan, const EnterDescriptors& way,
                           const EnterStreams& streams, const ExecSignals& signals, const ns::CommandCgroup& group) {
  const Fd entry = TRY(ns::open_program("podrun-entry", entry_program(way.program)));
  const Fd root = TRY(open_empty_root(target));
  const Fd helpers = TRY(target.cgroups.helpers());
  const ns::EnterSite site{.container = target.process.pidfd.get(),
                           .aux_fd = way.aux_fd,
                           .helpers = helpers.get(),
                           .group = group,
                           .last_capability = target.facts.last_capability,
                           .entry_program = entry.get(),
                           .empty_root = root.get(),
                           .cells = way.cells,
                           .devpts = way.devpts};
  if (streams.terminal) return run_on_terminal(plan, site, streams.input, signals);
  return leaves_host(plan) ? run_with_relay(plan, site, streams.input, signals)
                           : run_directly(plan, site, streams.input, signals);
}

ExitStatus enter_container(const ExecTarget& target, const pod::ContainerPlan& plan, const EnterDescriptors& way,
                           const EnterStreams& streams) {
  if (const auto verified = pod::verify_entering(plan); !verified) return cannot_enter(verified.error().message);
  const auto signals = ExecSignals::block(streams.terminal);
  if (!signals) return cannot_enter(signals.error().message);
  const auto group = target.cgroups.command(plan.name);
  if (!group && ns::is_of_ending_container(group.error().number))
    return report_error(container_ending_error(target.record.id, plan.name).error());
  if (!group) return cannot_enter(group.error().message);
  const auto ended = run_in_group(target, plan, way, streams, *signals, *group);
  if (const auto removed = group->end(kill_timeout); !removed) note(removed.error().message);
  if (!ended) return cannot_enter(ended.error().message);
  if (const auto report = ns::failed_step(ended->entered)) return report_step_failure(target, plan, *report);
  return static_cast<ExitStatus>(ended->status);
}

}  // namespace podrun::supervisor

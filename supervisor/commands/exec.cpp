// podrun exec POD[/CONTAINER] -- COMMAND: one more process in a container that runs.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <variant>

#include <fmt/format.h>

#include "namespaces/enter.hpp"
#include "namespaces/pty.hpp"
#include "pod/compile_enter.hpp"
#include "pod/describe.hpp"
#include "pod/verify_entering.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/commands/say.hpp"
#include "supervisor/exec_session.hpp"
#include "supervisor/exec_target.hpp"
#include "supervisor/terminal_session.hpp"

namespace podrun::supervisor::commands {
namespace {

ExitStatus cannot_enter(std::string_view sentence) { return complain(ExitStatus::CannotEnter, sentence); }

/// What of the container's is entered.
pod::NamespaceSet kinds_of(const Options& options) {
  pod::NamespaceSet kinds = options.kinds.value_or(pod::every_kind());
  if (options.host_root) std::erase(kinds, pod::NamespaceKind::Mnt);
  return kinds;
}

/// The caller's; what the front has put there is not.
std::vector<std::string> own_environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!std::string_view(*variable).starts_with("PODRUN_TITLE_ROOM=")) variables.emplace_back(*variable);
  return variables;
}

pod::EnterRequest request_of(const Options& options) {
  pod::EnterRequest request{.argv = options.command,
                            .kinds = kinds_of(options),
                            .terminal = {},
                            .host_environment = own_environment()};
  const char* const term = std::getenv("TERM");
  if (options.terminal) request.terminal = term != nullptr && *term != '\0' ? term : "xterm";
  return request;
}

/// Descriptors 0, 1 and 2 go to the command as they are, so none may be a way out of the container's root.
Result<> check_standard_descriptors() {
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    struct stat status{};
    if (::fstat(standard, &status) == 0 && S_ISDIR(status.st_mode))
      return fail(fmt::format("descriptor {} is a directory of the host's", standard));
  }
  return {};
}

/// Why the command was never executed.
ExitStatus tell_failure(const ExecTarget& target, const pod::ContainerPlan& plan, const ns::Report& report) {
  const std::size_t last = plan.child.size() - 1;
  if (report.step != last && ns::is_of_ending_container(report.error))
    return complain(refuse_ending(target.pod, plan.name).error());
  const std::string where = fmt::format("{}/{}: ", target.pod.substr(target.pod.find('_') + 1), plan.name);
  const char* const why = ::strerror(report.error);
  if (report.step == ns::not_cloned) return cannot_enter(fmt::format("{}clone: {}", where, why));
  const std::string words =
      pod::step_words("step", report.step, plan.child.size(), pod::describe(plan.child[report.step], plan));
  const ExitStatus status = report.step != last      ? ExitStatus::CannotEnter
                            : report.error == ENOENT ? ExitStatus::NotFound
                                                     : ExitStatus::NotExecutable;
  return complain(status, fmt::format("{}{}: {}", where, words, why));
}

/// The user that a plan ends up as; the caller's own without a SetIds.
std::uint32_t uid_of(const pod::ContainerPlan& plan) {
  for (const pod::ChildStep& step : plan.child)
    if (const auto* ids = std::get_if<pod::step::SetIds>(&step)) return ids->uid;
  return ::getuid();
}

/// A pty in the root that the command will have.
Result<ns::Pty> make_pty(const ExecTarget& target, const pod::ContainerPlan& plan, bool host_root) {
  const Fd own(host_root ? ::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC) : -1);
  return ns::open_pty(host_root ? own.get() : target.root.get(), uid_of(plan));
}

/// Without a terminal: the command has our descriptors, and we keep none that somebody could wait for the end of.
Result<int> run_directly(const pod::ContainerPlan& plan, const ns::EnterSite& site, bool has_input,
                         const ExecSignals& signals, std::optional<ns::Entered>& entered) {
  TRY_VOID(check_standard_descriptors());
  const Fd null(::open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!null) return fail_system("/dev/null");
  if (!has_input) ::dup2(null.get(), STDIN_FILENO);
  entered = TRY(ns::enter(plan, site));
  for (const int standard : {STDIN_FILENO, STDOUT_FILENO}) ::dup2(null.get(), standard);
  return attend(*entered, signals);
}

}  // namespace

ExitStatus exec(const Invocation& invocation) {
  const Options& options = invocation.options;
  if (options.terminal && ::isatty(STDIN_FILENO) == 0)
    return cannot_enter("unable to use a TTY: input is not a terminal or the right kind of file");
  const auto target = find_target(invocation);
  if (!target) return complain(target.error()), ExitStatus::CannotEnter;
  pod::EnterRequest request = request_of(options);
  const bool host_root = std::ranges::find(request.kinds, pod::NamespaceKind::Mnt) == request.kinds.end();
  const pod::ContainerPlan plan = pod::compile_enter(target->plan, std::move(request));
  if (const auto verified = pod::verify_entering(plan); !verified) return cannot_enter(verified.error().message);
  const auto signals = ExecSignals::block(options.terminal);
  if (!signals) return cannot_enter(signals.error().message);

  ns::EnterSite site{.process = target->process.pidfd.get(),
                     .root = target->root.get(),
                     .cgroup = target->cgroup.get(),
                     .last_capability = target->facts.last_capability};
  std::optional<ns::Entered> entered;
  Result<int> status = 0;
  if (options.terminal) {
    auto pty = make_pty(*target, plan, host_root);
    if (!pty) return cannot_enter(pty.error().message);
    TerminalSession session(std::move(*pty), options.input);
    site.terminal = session.peer();
    auto started = ns::enter(plan, site);
    if (!started) return cannot_enter(started.error().message);
    entered = std::move(*started);
    status = session.attend(*entered, *signals);
  } else {
    status = run_directly(plan, site, options.input, *signals, entered);
  }
  if (!status) return cannot_enter(status.error().message);
  if (const auto report = ns::failed_step(*entered)) return tell_failure(*target, plan, *report);
  return static_cast<ExitStatus>(*status);
}

}  // namespace podrun::supervisor::commands

// podrun attach POD[/CONTAINER]: connects to a container's standard streams.
#include <fmt/format.h>

#include "pod/compile/compile_streams.hpp"
#include "pod/spec/pod_name.hpp"
#include "supervisor/attach/attach_session.hpp"
#include "supervisor/attach/enter_container.hpp"
#include "supervisor/cli/pod_operands.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"

namespace podrun::supervisor::commands {
namespace {

/// Reports an error with the status of a command that runs no process of the user: 125 is only for those that do.
ExitStatus report_attach_error(const CommandError& command_error) {
  (void)report_error(command_error);
  return command_error.status == ExitStatus::CannotEnter ? ExitStatus::NameConflict : command_error.status;
}

/// Whether keys and window size are passed on: only with -t, and if the container has a terminal.
bool wants_raw(const Options& options, const std::string& container, bool has_terminal) {
  if (options.terminal && !has_terminal)
    note(fmt::format("unable to use a TTY: container {} did not allocate one", container));
  return options.terminal && has_terminal;
}

}  // namespace

ExitStatus attach(const Invocation& invocation) {
  const Options& options = invocation.options;
  if (lacks_terminal(options.terminal)) return ExitStatus::Invalid;
  const auto operand = find_operand(invocation.layout, options);
  if (!operand) return report_error(operand.error());
  const auto found = find_target(invocation.layout, operand->id, operand->container);
  if (!found) return report_attach_error(found.error());
  const pod::ContainerPlan& plan = found->plan;
  const pod::AttachableStreams streams = pod::attachable_streams(plan);
  if (options.input && streams.input == pod::AttachableStreams::Input::None)
    return report_error(
        ExitStatus::Invalid,
        fmt::format("container {} of pod {} has no standard input: its manifest does not say stdin: true", plan.name,
                    pod::pod_name(found->record.id)));

  const bool raw = wants_raw(options, plan.name, streams.terminal);
  const Result<ExecSignals> signals = raw ? ExecSignals::block(true) : fail("");
  if (raw && !signals) return report_error(ExitStatus::Failed, signals.error().message);
  const ns::DirectoryHandle logs = invocation.layout.log_folder(found->record.id, found->record.uid);
  auto session =
      AttachSession::begin(invocation.layout, {.id = found->record.id,
                                               .container = plan.name,
                                               .logs = std::make_shared<ns::DirectoryHandle>(logs.below(plan.name)),
                                               .input = options.input,
                                               .raw = raw,
                                               .once = streams.input == pod::AttachableStreams::Input::Once});
  if (!session)
    return report_error(ExitStatus::Failed,
                        fmt::format("pod {}: {}", pod::pod_name(found->record.id), session.error().message));
  const auto attended = (*session)->run_session(raw ? &*signals : nullptr);
  return attended ? ExitStatus::Succeeded : report_error(ExitStatus::Failed, attended.error().message);
}

}  // namespace podrun::supervisor::commands

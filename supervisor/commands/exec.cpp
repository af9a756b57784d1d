// podrun exec POD[/CONTAINER] -- COMMAND: runs another process in a running container.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "namespaces/paths/pty.hpp"
#include "pod/compile/compile_enter.hpp"
#include "pod/spec/pod_name.hpp"
#include "pod/text/utf8_text.hpp"
#include "supervisor/attach/enter_container.hpp"
#include "supervisor/cli/pod_operands.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"

namespace podrun::supervisor::commands {
namespace {

/// The namespaces to enter. A command with the host's root also stays in the host's PID namespace: otherwise a
/// container with SYS_PTRACE could control it.
pod::NamespaceSet kinds_of(const Options& options) {
  pod::NamespaceSet kinds = options.kinds.value_or(pod::every_kind());
  if (options.host_root) std::erase(kinds, pod::NamespaceKind::Mnt), std::erase(kinds, pod::NamespaceKind::Pid);
  return kinds;
}

/// The caller's environment, without the variable that the front adds.
std::vector<std::string> own_environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable != nullptr; ++variable)
    if (!std::string_view(*variable).starts_with("PODRUN_TITLE_ROOM=")) variables.emplace_back(*variable);
  return variables;
}

/// The second operand of logs is a container, that of exec begins the command.
void note_container_as_command(const Layout& layout, const PodRecord& record, const std::string& command) {
  if (std::ranges::find(record.containers, command, &ContainerRecord::name) == record.containers.end()) return;
  const std::string pod = pod::pod_name(record.id);
  note(fmt::format("{0} is a container of pod {1}: {2} exec {1}/{3} -- COMMAND", pod::in_quotes(command), pod,
                   layout.command(), command));
}

}  // namespace

ExitStatus exec(const Invocation& invocation) {
  const Options& options = invocation.options;
  if (lacks_terminal(options.terminal)) return ExitStatus::CannotEnter;
  const auto operand = find_operand(invocation.layout, options);
  if (!operand) return report_error(operand.error()), ExitStatus::CannotEnter;
  const auto target = find_target(invocation.layout, operand->id, operand->container);
  if (!target) return report_error(target.error()), ExitStatus::CannotEnter;
  pod::EnterRequest request{.argv = options.command,
                            .kinds = kinds_of(options),
                            .terminal = terminal_type(options.terminal),
                            .host_environment = own_environment()};
  const bool keeps_root = std::ranges::find(request.kinds, pod::NamespaceKind::Mnt) == request.kinds.end();
  const pod::ContainerPlan plan = pod::compile_enter(target->plan, std::move(request));

  Fd devpts;
  if (options.terminal) {
    const Fd own(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC));
    auto found = ns::find_devpts(keeps_root ? own.get() : target->root.get());
    if (!found) return cannot_enter(found.error().message);
    devpts = std::move(*found);
  }
  const ExitStatus status = enter_container(
      *target, plan, {.program = invocation.program, .aux_fd = target->root.get(), .devpts = devpts.get(), .cells = -1},
      {.input = options.input, .terminal = options.terminal});
  if (status == ExitStatus::NotFound)
    note_container_as_command(invocation.layout, target->record, options.command.front());
  return status;
}

}  // namespace podrun::supervisor::commands

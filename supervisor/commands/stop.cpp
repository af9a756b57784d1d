// podrun stop NAME: stops a pod, and returns when nothing of it is left.
#include <optional>

#include <fmt/format.h>

#include "supervisor/attach/control_socket.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/state/find_pod.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/state_file.hpp"
#include "supervisor/state/stop_wait.hpp"

namespace podrun::supervisor::commands {

ExitStatus stop(const Invocation& invocation) {
  const Layout& layout = invocation.layout;
  const auto id = find_pod(layout, invocation.options.operands.front(), invocation.options.namespace_name);
  if (!id) return report_error(id.error());
  if (!is_running(layout, *id)) return report_error(ExitStatus::NameConflict, fmt::format("pod {} does not run", *id));
  const Fd pause = open_pause(layout, *id);  // opened before the request, because the state file is removed first
  const auto before = read_state(layout, *id);
  // A pod that stops already was asked by somebody else; when is not known.
  const auto since = before && !before->status.stopping ? std::optional(boot_now()) : std::nullopt;
  if (const auto asked = request_stop(layout, *id, {invocation.options.grace}); !asked && is_running(layout, *id))
    return report_error(ExitStatus::Failed, asked.error().message);
  if (const auto gone = wait_for_end(layout, *id, pause, since, note); !gone)
    return report_error(ExitStatus::Failed, gone.error().message);
  return ExitStatus::Succeeded;
}

}  // namespace podrun::supervisor::commands

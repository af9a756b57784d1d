// podrun stop NAME: stops a pod, and returns when nothing of it is left.
#include <poll.h>

#include <fmt/format.h>

#include "supervisor/attach/control_socket.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/state/find_pod.hpp"
#include "supervisor/state/pod_lock.hpp"

namespace podrun::supervisor::commands {

ExitStatus stop(const Invocation& invocation) {
  const Layout& layout = invocation.layout;
  const auto id = find_pod(layout, invocation.options.operands.front(), invocation.options.namespace_name);
  if (!id) return report_error(id.error());
  if (!is_running(layout, *id)) return report_error(ExitStatus::NameConflict, fmt::format("pod {} does not run", *id));
  const Fd pause = open_pause(layout, *id);  // opened before the request, because the state file is removed first
  if (const auto asked = request_stop(layout, *id, {invocation.options.grace}); !asked && is_running(layout, *id))
    return report_error(ExitStatus::Failed, asked.error().message);
  if (const auto gone = wait_until_unlocked(layout, *id); !gone)
    return report_error(ExitStatus::Failed, gone.error().message);
  // The kernel releases the locks of a dying process shortly before the process is gone.
  pollfd dead{pause.get(), POLLIN, 0};
  if (pause) ::poll(&dead, 1, -1);
  return ExitStatus::Succeeded;
}

}  // namespace podrun::supervisor::commands

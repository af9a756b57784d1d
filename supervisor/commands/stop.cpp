// podrun stop NAME: asks a pod to end, and returns when nothing of it is left.
#include <fmt/format.h>

#include "supervisor/commands/commands.hpp"
#include "supervisor/commands/say.hpp"
#include "supervisor/control.hpp"
#include "supervisor/find_pod.hpp"
#include "supervisor/running.hpp"

namespace podrun::supervisor::commands {

ExitStatus stop(const Invocation& invocation) {
  const Layout& layout = invocation.layout;
  const auto id = find_pod(layout, invocation.options);
  if (!id) return complain(id.error());
  if (!is_running(layout, *id)) return complain(ExitStatus::NameConflict, fmt::format("pod {} does not run", *id));
  if (const auto asked = request_stop(layout, *id, {invocation.options.grace}); !asked && is_running(layout, *id))
    return complain(ExitStatus::Failed, asked.error().message);
  if (const auto gone = wait_until_gone(layout, *id); !gone) return complain(ExitStatus::Failed, gone.error().message);
  return ExitStatus::Succeeded;
}

}  // namespace podrun::supervisor::commands

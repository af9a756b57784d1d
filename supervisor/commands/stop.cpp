// podrun stop NAME...: stops pods, and returns when nothing of them is left.
#include "supervisor/attach/stop_pod.hpp"

#include "supervisor/cli/pod_operands.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"

namespace podrun::supervisor::commands {

ExitStatus stop(const Invocation& invocation) {
  const NamedPods pods = find_pods(invocation.layout, invocation.options);
  const ExitStatus named = report_errors(pods.errors);
  if (pods.ids.empty() && invocation.options.all) note("no pod runs");
  return greatest(named, report_errors(stop_pods(invocation.layout, pods.ids, invocation.options.grace)));
}

}  // namespace podrun::supervisor::commands

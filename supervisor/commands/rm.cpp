// podrun rm NAME...: removes what pods left, including their logs. podrun rm --leftovers: removes what dead pods left,
// except their logs.
#include <algorithm>

#include <fmt/format.h>

#include "namespaces/launch/read_host_facts.hpp"
#include "pod/spec/pod_name.hpp"
#include "supervisor/attach/stop_pod.hpp"
#include "supervisor/cli/pod_operands.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/state/pod_cleanup.hpp"
#include "supervisor/state/pod_lock.hpp"

namespace podrun::supervisor::commands {
namespace {

/// Removes a pod that does not run.
ExitStatus remove(const Layout& layout, const pod::HostFacts& facts, const std::string& id) {
  const auto lock = lock_pod(layout, id);
  if (!lock) return report_error(ExitStatus::Failed, lock.error().message);
  const std::string name = pod::pod_name(id);
  if (!*lock)
    return report_error(
        ExitStatus::NameConflict,
        fmt::format("pod {0} runs; stop it first: {1} stop {0}, or remove it with {1} rm -f {0}", name,
                    layout.command()));
  // After an error the rest stays, so that the pod is found again.
  Result<> removed = clean_up_dead_pod(layout, facts, id);
  if (removed) removed = remove_run_directory(layout, id);
  if (removed) removed = remove_old_logs(layout, id, 0, "");
  return removed ? ExitStatus::Succeeded : report_error(ExitStatus::Failed, removed.error().message);
}

}  // namespace

ExitStatus rm(const Invocation& invocation) {
  const Layout& layout = invocation.layout;
  const Options& options = invocation.options;
  const pod::HostFacts facts = podrun::ns::read_host_facts(layout.storage());
  if (options.leftovers) {
    const auto removed = remove_all_dead_pods(layout, facts);
    return removed ? ExitStatus::Succeeded : report_error(ExitStatus::Failed, removed.error().message);
  }
  const NamedPods pods = find_pods(layout, options);
  ExitStatus status = report_errors(pods.errors);
  if (options.force) {
    std::vector<std::string> running = pods.ids;
    std::erase_if(running, [&](const std::string& id) { return !is_running(layout, id); });
    status = greatest(status, report_errors(stop_pods(layout, running, options.grace)));
  }
  if (pods.ids.empty() && options.all) note("no pod has ended");
  for (const std::string& id : pods.ids) status = greatest(status, remove(layout, facts, id));
  return status;
}

}  // namespace podrun::supervisor::commands

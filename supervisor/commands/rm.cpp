// podrun rm NAME: removes what a pod left, including its logs. podrun rm --leftovers: removes what dead pods left,
// except their logs.
#include <algorithm>

#include <fmt/format.h>

#include "namespaces/launch/read_host_facts.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/state/find_pod.hpp"
#include "supervisor/state/pod_cleanup.hpp"
#include "supervisor/state/pod_lock.hpp"

namespace podrun::supervisor::commands {

ExitStatus rm(const Invocation& invocation) {
  const Layout& layout = invocation.layout;
  const pod::HostFacts facts = podrun::ns::read_host_facts(layout.storage());
  if (invocation.options.leftovers) {
    const auto removed = remove_all_dead_pods(layout, facts);
    return removed ? ExitStatus::Succeeded : report_error(ExitStatus::Failed, removed.error().message);
  }
  const auto id = find_pod(layout, invocation.options.operands.front(), invocation.options.namespace_name);
  if (!id) return report_error(id.error());
  const auto lock = lock_pod(layout, *id);
  if (!lock) return report_error(ExitStatus::Failed, lock.error().message);
  if (!*lock)
    return report_error(ExitStatus::NameConflict, fmt::format("pod {} runs; stop it first: podrun stop {}", *id, *id));
  // After an error the rest stays, so that the pod is found again.
  Result<> removed = clean_up_dead_pod(layout, facts, *id);
  if (removed) removed = remove_run_directory(layout, *id);
  if (removed) removed = remove_old_logs(layout, *id, 0, "");
  return removed ? ExitStatus::Succeeded : report_error(ExitStatus::Failed, removed.error().message);
}

}  // namespace podrun::supervisor::commands

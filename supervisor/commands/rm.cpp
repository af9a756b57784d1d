// podrun rm NAME: removes what a pod left, its logs too. podrun rm --leftovers: what dead pods left, but not their logs.
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
    const auto removed = remove_all_remains(layout, facts);
    return removed ? ExitStatus::Succeeded : complain(ExitStatus::Failed, removed.error().message);
  }
  const auto id = find_pod(layout, invocation.options);
  if (!id) return complain(id.error());
  const auto lock = claim_patiently(layout, *id);
  if (!lock) return complain(ExitStatus::Failed, lock.error().message);
  if (!*lock)
    return complain(ExitStatus::NameConflict, fmt::format("pod {} runs; stop it first: podrun stop {}", *id, *id));
  for (const auto& removed : {bury(layout, facts, *id), remove_run_directory(layout, *id), remove_old_logs(layout, *id, 0, "")})
    if (!removed) return complain(ExitStatus::Failed, removed.error().message);
  return ExitStatus::Succeeded;
}

}  // namespace podrun::supervisor::commands

// Removes what a pod leaves on the host: at the pod's own end, at the next start of any pod, and by `podrun rm`.
#pragma once

#include <string>

#include "pod/spec/host_facts.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// Kills every process of the pod and removes its control groups.
Result<> remove_processes(const pod::HostFacts& facts, const std::string& cgroup_base, const std::string& id);

/// Removes the layers and volumes of a run.
Result<> remove_storage(const Layout& layout, const std::string& uid);

/// Removes the run directory, the lock file last. The caller, or a parent of it, must hold that lock.
Result<> remove_run_directory(const Layout& layout, const std::string& id);

/// Removes what a dead pod left, except its logs and its run directory, whose lock the caller holds. Writes the final
/// status to the logs if no supervisor did.
Result<> clean_up_dead_pod(const Layout& layout, const pod::HostFacts& facts, const std::string& id);

/// The same, and removes the run directory. Does nothing if the pod runs.
Result<> remove_dead_pod(const Layout& layout, const pod::HostFacts& facts, const std::string& id);

/// The same for every pod that does not run, including those of which only control groups or storage remain (after a
/// power loss, or with an empty /run). An error of one pod does not prevent the removal of others; all errors are
/// joined into one.
Result<> remove_all_dead_pods(const Layout& layout, const pod::HostFacts& facts);

/// Removes the logs of a pod's runs except the newest `keep` and, whatever its age by the clock, that of the uid
/// `present` ("": none).
Result<> remove_old_logs(const Layout& layout, const std::string& id, std::size_t keep, const std::string& present);

}  // namespace podrun::supervisor

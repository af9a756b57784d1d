// What a pod leaves on the host, and its removal: at the pod's own end, by the next start of any pod, by `podrun rm`.
#pragma once

#include <string>

#include "pod/spec/host_facts.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// Ends every process of the pod and removes its control groups.
Result<> remove_processes(const pod::HostFacts& facts, const std::string& cgroup_base, const std::string& id);

/// Removes layers and volumes of one run.
Result<> remove_storage(const Layout& layout, const std::string& uid);

/// Removes the run directory, its lock last. The caller holds that lock (or is the child of who holds it).
Result<> remove_run_directory(const Layout& layout, const std::string& id);

/// What a dead pod left but its logs and its run directory, whose lock the caller holds. Its last status, if nobody
/// lived to write that, goes to its logs.
Result<> clean_up_dead_pod(const Layout& layout, const pod::HostFacts& facts, const std::string& id);

/// The same, and the run directory. Does nothing if the pod runs.
Result<> remove_dead_pod(const Layout& layout, const pod::HostFacts& facts, const std::string& id);

/// The same for every pod that is not running, also where only its control groups or its storage remain (power was
/// lost, or /run is empty). Errors are collected into one; one pod's do not keep the others' remains.
Result<> remove_all_dead_pods(const Layout& layout, const pod::HostFacts& facts);

/// Removes the logs of a pod's runs but the newest `keep` and, whatever the clock says of its age, that of the uid
/// `present` ("": none).
Result<> remove_old_logs(const Layout& layout, const std::string& id, std::size_t keep, const std::string& present);

}  // namespace podrun::supervisor

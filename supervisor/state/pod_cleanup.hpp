// Removes what a pod leaves on the host: at the pod's own end, at the next start of any pod, and by `podrun rm`.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "pod/spec/host_facts.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/layout.hpp"
#include "supervisor/state/pod_record.hpp"

namespace podrun::supervisor {

/// A pod whose remains are removed. What is not known of it is empty.
struct EndedPod {
  const Layout& layout;
  const pod::HostFacts& facts;
  std::string id;
  std::string uid;
  std::string cgroup_base;
};

/// One kind of what a pod leaves on the host.
struct RemainsKind {
  std::string_view name;
  /// What must wait if something of this kind cannot be removed. A process that cannot be killed may use all others; the
  /// next run of the pod's name would meet what has that name, or the same uid.
  enum class Blocks { OtherKinds, NextRun, Nothing } blocks;
  /// Those who have something of this kind, running or not: ids of pods, or uids of runs.
  std::vector<std::string> (*owners)(const Layout& layout, const pod::HostFacts& facts);
  enum class OwnedBy { Id, Uid } owned_by;
  /// Removes what the pod has of it. It is no error if that is nothing.
  Result<> (*remove)(const EndedPod& pod);
};

/// All kinds, in the order in which they are removed. What the kernel ends with the pause is not among them: namespaces,
/// mounts, descriptors, the lock. Logs stay. The run directory is the last: it leads whoever cleans up to the others.
std::span<const RemainsKind> remains_kinds();

/// Removes everything of an ended pod but its run directory. An error of one kind does not prevent the removal of others
/// unless it blocks them; all errors are joined into one. The caller, or a parent of it, must hold the pod's lock.
Result<> remove_remains(const EndedPod& pod);

/// Removes the run directory, the lock file last. The caller, or a parent of it, must hold that lock.
Result<> remove_run_directory(const Layout& layout, const std::string& id);

/// The same if there is nothing but that lock: no run has used the directory.
Result<> remove_unused_run_directory(const Layout& layout, const std::string& id);

/// Removes what a dead pod left, except its logs and its run directory, whose lock the caller holds. Writes the final
/// status to the logs if no supervisor did.
Result<> clean_up_dead_pod(const Layout& layout, const pod::HostFacts& facts, const std::string& id);

/// The same before another run of the pod. What does not block that run is no error: `warn` is told.
Result<> clean_up_before_start(const Layout& layout, const pod::HostFacts& facts, const std::string& id,
                               const std::function<void(const Error&)>& warn);

/// Cleans up a dead pod, and removes the run directory, which stays after an error if there was one. Does nothing if the pod runs.
Result<> remove_dead_pod(const Layout& layout, const pod::HostFacts& facts, const std::string& id);

/// The same for every pod that does not run, including those without a run directory (after a power loss, or with an
/// empty /run). An error of one pod does not prevent the removal of others; all errors are joined into one. As long as
/// there is a control group of a dead pod, no storage of unknown pods is removed. EAGAIN: nothing failed, but storage
/// could not be told from that of a pod that is about to start.
Result<> remove_all_dead_pods(const Layout& layout, const pod::HostFacts& facts);

/// Removes the logs of a pod's runs except the newest `keep` and, whatever its age by the clock, that of the uid
/// `present` ("": none).
Result<> remove_old_logs(const Layout& layout, const std::string& id, std::size_t keep, const std::string& present);

/// Writes the final status of a pod whose start failed, for `podrun ps -a` and `logs`. Without an error: the reason of
/// the failure may be that nothing can be written.
void write_failed_start(const Layout& layout, const PodRecord& record, const std::string& why);

}  // namespace podrun::supervisor

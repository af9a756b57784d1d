// What the pause holds of what was compiled, in sealed memory (pod/stored/stored.hpp): one file for the pod, one for
// each revision of a container, and one with what compiles further revisions. It is read by later supervisors and by
// commands, which find it among the pause's descriptors. The pause of a pod that was started by an older podrun, which
// compiled the manifest each time, has none of it: legacy_stored_pod.hpp.
#pragma once

#include <string>
#include <vector>

#include "namespaces/launch/pause_start.hpp"
#include "pod/plan/plan.hpp"
#include "pod/stored/stored.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/command_error.hpp"
#include "supervisor/core/layout.hpp"
#include "supervisor/state/file_variables.hpp"
#include "supervisor/state/load.hpp"
#include "supervisor/state/pod_record.hpp"

namespace podrun::supervisor {

/// The names under which the pause holds these files, and those of the files.
inline constexpr char pod_hold[] = "pod", inputs_hold[] = "inputs";
std::string revision_hold(const std::string& container, unsigned revision);
/// Whether a hold is a revision of the container other than this one.
bool is_other_revision(const std::string& hold, const std::string& container, unsigned revision);

/// The first revision of every container.
inline constexpr unsigned first_revision = 1;

/// Makes the file of one revision.
Result<ns::NamedFd> store_revision(const std::string& pod, unsigned number, const pod::ContainerPlan& plan);

/// Makes the files of a pod and of its containers' first revisions. The pod's own file is the last: where it is, the
/// others are.
Result<std::vector<ns::NamedFd>> store_pod(const LoadedPod& loaded, const std::optional<FileVariables>& variables);

/// A pod as a later supervisor continues it.
struct StoredRun {
  pod::PodPlan plan;                ///< with the newest revision of each container
  std::vector<unsigned> revisions;  ///< the number of each of them
  std::optional<FileVariables> file_variables;
  std::vector<ns::NamedFd> to_hold;  ///< of a pod of an older podrun: what its pause does not hold yet
};
/// Reads everything. Its containers are those of the record, in the same order; else it is a Bug. An instance that lives runs the newest revision of its container, because another is compiled only
/// when none lives.
CommandResult<StoredRun> read_stored_run(const Layout& layout, const PodRecord& record);

/// Reads the pod's own part.
CommandResult<pod::StoredPod> read_stored_pod(const Layout& layout, const PodRecord& record);

/// Reads the revision that the present instance of a container runs; `index` is the container's in the record.
CommandResult<pod::ContainerPlan> read_stored_plan(const Layout& layout, const PodRecord& record, std::size_t index);

}  // namespace podrun::supervisor

// Reads and writes state.json. Each transition is written into a spare file, which was allocated at the start, and the
// files then exchange their names. So neither a kill nor a full /run can destroy the last complete state.
#pragma once

#include <string>

#include "pod/text/result.hpp"
#include "supervisor/core/layout.hpp"
#include "supervisor/state/pod_record.hpp"
#include "supervisor/state/pod_view.hpp"

namespace podrun::supervisor {

/// Writes one pod's state file.
class StateFile {
 public:
  StateFile(const Layout& layout, const std::string& id) : path_(layout.state(id)), spare_(layout.spare(id)) {}

  /// Allocates both files (posix_fallocate(3)) if they do not exist.
  Result<> allocate() const;

  /// Writes the spare file in place, padded with spaces to its size, and exchanges the two names (renameat2(2)).
  Result<> write(const PodRecord& record) const;

 private:
  std::string path_;
  std::string spare_;
};

/// Writes what the manifest says of a pod, to_json(GivenPod), into its run directory, with mode 0600.
Result<> write_given(const Layout& layout, const std::string& id, const std::string& given);
/// Reads it; empty if it is missing, as that of a pod of an older podrun is.
GivenPod read_given(const Layout& layout, const std::string& id);

/// Reads the state file of a pod. ENOENT: the pod does not run.
Result<PodRecord> read_state(const Layout& layout, const std::string& id);

}  // namespace podrun::supervisor

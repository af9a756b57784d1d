// state.json: written at each transition into a spare allocated at start, then swapped in, so that neither a kill nor a
// full /run leaves less than the last whole state.
#pragma once

#include <string>

#include "pod/text/result.hpp"
#include "supervisor/core/layout.hpp"
#include "supervisor/state/pod_record.hpp"

namespace podrun::supervisor {

/// Writes one pod's state file.
class StateFile {
 public:
  StateFile(const Layout& layout, const std::string& id) : path_(layout.state(id)), spare_(layout.spare(id)) {}

  /// Allocates both files (posix_fallocate(3)) if they are not there.
  Result<> allocate() const;

  /// Writes the spare in place, padded to its size with spaces, and exchanges the two names (renameat2(2)).
  Result<> write(const PodRecord& record) const;

 private:
  std::string path_;
  std::string spare_;
};

/// Reads a state file; ENOENT if the pod does not run (or never did).
Result<PodRecord> read_state(const Layout& layout, const std::string& id);

}  // namespace podrun::supervisor

// The gate of a registered child, and what the pause says of one that it has not stored.
#pragma once

#include <optional>
#include <string>

#include "namespaces/kernel/fd.hpp"
#include "tests/namespaces/pause/pause_run.hpp"

namespace podrun::ns {

/// A gate as a child waits at it.
class Gate {
 public:
  Gate();
  int supervisors_end() const { return supervisor_.get(); }
  /// What the child reads once nobody else has the supervisor's end: "opened", "closed" or "nothing".
  std::string outcome();

 private:
  Fd child_, supervisor_;
};

/// Waits for messages of the pause and returns the refusal of that pid.
std::optional<Refusal> wait_for_refusal(PauseClient& pause, pid_t pid);

}  // namespace podrun::ns

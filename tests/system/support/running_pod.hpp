// A running pod: what its state file says, and its processes.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "supervisor/state/pod_record.hpp"
#include "tests/system/support/temporary_root.hpp"

namespace podrun::test {

/// A running pod's state file, as soon as it is as WANTED; a failure of the test and an empty record after
/// `test_timeout`.
supervisor::PodRecord wait_for_state(const TemporaryRoot& root, const std::string& id,
                                     const std::function<bool(const supervisor::PodRecord&)>& wanted);

/// A running pod's processes, by the host's pids.
struct Processes {
  pid_t pause = 0;
  pid_t supervisor = 0;                     ///< by its comm, the pause's child
  std::map<std::string, pid_t> containers;  ///< by their names: their first processes

  pid_t operator[](const std::string& container) const {
    return containers.contains(container) ? containers.at(container) : 0;
  }
};
/// Once all its containers run.
Processes processes_of(const TemporaryRoot& root, const std::string& id);

/// Waits until PID has gone, or is a zombie.
testing::AssertionResult wait_until_dead(pid_t pid);

}  // namespace podrun::test

// A running pod: its state file and its processes.
#pragma once

#include <sys/types.h>

#include <functional>
#include <map>
#include <string>

#include <gtest/gtest.h>

#include "supervisor/state/pod_record.hpp"
#include "tests/system/support/procfs.hpp"
#include "tests/system/support/temporary_root.hpp"

namespace podrun::test {

/// The state of a running pod, as soon as it is as WANTED. After `test_timeout` the test fails and the record is empty.
supervisor::PodRecord wait_for_state(const TemporaryRoot& root, const std::string& id,
                                     const std::function<bool(const supervisor::PodRecord&)>& wanted,
                                     Deadline deadline = soon());

/// The processes of a running pod, by their pids on the host.
struct Processes {
  pid_t pause = 0;
  pid_t supervisor = 0;                     ///< the child of the pause that has its comm
  std::map<std::string, pid_t> containers;  ///< the first processes of sidecars and app containers, by name

  pid_t operator[](const std::string& container) const {
    return containers.contains(container) ? containers.at(container) : 0;
  }
};
/// The processes of a pod. Waits until its init containers have ended and all others run.
Processes processes_of(const TemporaryRoot& root, const std::string& id);

/// Waits until PID does not exist or is a zombie.
testing::AssertionResult wait_until_dead(pid_t pid);

}  // namespace podrun::test

// A pod whose supervisors are killed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "supervisor/state/pod_record.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {

class SupervisorKill : public testing::Test {
 protected:
  /// The field of a container that mounts the FIFO /go, on which it waits for a line.
  static inline const std::string mounts_go = "volumeMounts: [{name: go, mountPath: /go}]";

  /// The path of a manifest whose containers may mount the FIFO.
  std::string write(const std::vector<ContainerText>& containers, const std::string& policy);
  /// The pod's record, as soon as it is as wanted.
  supervisor::PodRecord state(const std::function<bool(const supervisor::PodRecord&)>& wanted) {
    return wait_for_state(root_, "default_pod", wanted);
  }
  /// The pod's processes, once its COUNT containers run.
  Processes running(PodRun& pod, int count);
  /// The content of a container's log files, oldest first, each without its time stamps.
  std::vector<std::string> logs_of(const std::string& container) const;
  /// Kills the supervisor and waits until the next has adopted.
  void replace_supervisor(PodRun& pod, const Processes& processes);

  TemporaryRoot root_;

 private:
  int replaced_ = 0;
};

/// Whether a container, by its index, is in that state.
bool is_in(const supervisor::PodRecord& record, std::size_t container, supervisor::ContainerState state);

}  // namespace podrun::test

// The steps of a plan, each with a system call whose failure makes it fail.
#pragma once

#include <string>
#include <vector>

#include "pod/plan/plan.hpp"
#include "tests/system/support/failing_call.hpp"

namespace podrun::test {

/// A step, one of its system calls, and the words with which podrun reports it: "app: step 9 of 29: mount proc → …".
struct StepCall {
  Call call;
  std::string kind;  ///< "MountProc"
  std::string words;
  bool is_exec = false;  ///< its failure is an exit of the container, not a failure of the start
};

/// The steps of a pod's first start, in the order of the plan.
std::vector<StepCall> steps_of_start(const pod::PodPlan& plan);
/// The steps of a container's second instance, which is the first restart of the pod.
std::vector<StepCall> steps_of_restart(const pod::PodPlan& plan, std::size_t container);

}  // namespace podrun::test

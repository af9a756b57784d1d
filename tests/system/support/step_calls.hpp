// Every step of a plan with the system call that makes it fail.
#pragma once

#include <string>
#include <vector>

#include "pod/plan/plan.hpp"
#include "tests/system/support/failing_call.hpp"

namespace podrun::test {

/// A step, one of the calls it makes, and the words by which podrun tells of it: "app: step 9 of 29: mount
/// proc → …".
struct StepCall {
  Call call;
  std::string kind;  ///< "MountProc"
  std::string words;
  bool is_exec = false;  ///< its failure is the container's, not podrun's
};

/// All steps of a pod's first start, in the plan's order.
std::vector<StepCall> steps_of_start(const pod::PodPlan& plan);
/// Those of a container's second instance, which is the pod's first restart.
std::vector<StepCall> steps_of_restart(const pod::PodPlan& plan, std::size_t container);

}  // namespace podrun::test

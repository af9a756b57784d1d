// Plans that break an invariant, for the tests of verify().
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <vector>

#include "pod/plan/plan.hpp"

namespace podrun::pod {

/// A plan with every step there is.
PodPlan good_plan();

/// A change of the child steps of good_plan()'s container that breaks an invariant.
struct Violation {
  std::string name;
  int invariant;
  std::string sentence;  ///< the refusal ends with it
  std::function<void(PodPlan&)> commit;

  friend void PrintTo(const Violation& violation, std::ostream* out) { *out << violation.name; }
};

/// At least one for each invariant of child steps.
const std::vector<Violation>& violations();

/// A change of anything else of good_plan(), and the whole message of the refusal.
struct PodViolation {
  int invariant;
  std::string message;
  std::function<void(PodPlan&)> commit;
};

/// At least one for each invariant of the sandbox and of the pod's files.
const std::vector<PodViolation>& pod_violations();

/// A volume in memory that holds a Secret.
memory::Files secret_in_memory();

}  // namespace podrun::pod

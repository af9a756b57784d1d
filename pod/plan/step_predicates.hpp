// Properties of single steps that the invariants refer to.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "pod/plan/describe.hpp"
#include "pod/plan/steps.hpp"

namespace podrun::pod {

/// Whether a step uses the descriptor of the container's root; the change of root itself does not count.
bool is_work_on_root(const ChildStep& step);

/// The mount point of a step that mounts in the container's root; nullptr for other steps.
const std::string* mount_point(const ChildStep& step);

/// The slots that a step provides or uses.
std::vector<Slot> slots_of(const HostStep& step);
std::vector<Slot> slots_of(const ChildStep& step);

/// The name of a step in errors: "step 9 of 17 (MountProc)". LIST is the kind of step: "", "host ".
std::string place(std::string_view list, std::size_t count, std::size_t i, std::string_view name);
template <typename Step>
std::string place(std::string_view list, const std::vector<Step>& steps, std::size_t i) {
  return place(list, steps.size(), i, i < steps.size() ? step_name(steps[i]) : "");
}

}  // namespace podrun::pod

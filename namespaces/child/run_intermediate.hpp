// The child's half of namespaces/launch/intermediate.hpp: what the intermediate does between clone3(2) and the
// execve(2) of podrun-entry.
#pragma once

#include <array>
#include <cstddef>

#include "namespaces/child/child.hpp"
#include "pod/plan/plan.hpp"

namespace podrun::ns {

/// The descriptors that podrun-entry is given.
struct EntryDescriptors {
  int program;                               ///< podrun-entry, open_program()
  int order;                                 ///< make_entry_order()
  std::array<int, 3> standard = {0, 1, 2};   ///< become 0, 1 and 2 after the steps
  int report = -1;                           ///< entry::report_fd
  int pid = -1;                              ///< entry::pid_fd
  int gate = -1;                             ///< entry::gate_fd or lifeline_fd
  int root = -1;                             ///< entry::root_fd or birth_fd
  int group = -1;                            ///< entry::group_fd
  int kill = -1;                             ///< entry::kill_fd
};

/// What the intermediate needs, in the memory of its parent.
struct IntermediateTask {
  const pod::ContainerPlan& plan;
  const ChildContext& context;
  const EntryDescriptors& descriptors;
  std::size_t steps;       ///< how many steps of the plan it performs
  std::size_t close_step;  ///< the index of the CloseDescriptors step
  bool dies_with_parent;   ///< it is killed when its parent dies
};

/// Performs the steps and executes podrun-entry. Never returns: a failure goes to the report socket. `task` is an
/// IntermediateTask; it is the argument that helper::clone3_onto() passes on.
void run_intermediate(void* task) noexcept;

}  // namespace podrun::ns

// Looks at a program that could not be executed.
#pragma once

#include "pod/failure/program_facts.hpp"
#include "pod/plan/plan.hpp"

namespace podrun::ns {

/// What is at the path of the plan's program, or in the directories of its PATH, below `root`, the root directory of
/// the container (O_PATH). Links are followed inside the root, and nothing but a regular file is opened.
pod::ProgramFacts look_at_program(int root, const pod::ContainerPlan& plan);

/// The same for a container's process that has ended: its root is still in `cells`, the pod's /c below its cover. Kind
/// Unknown if the root was in a mount namespace of its own, which has ended with the process.
pod::ProgramFacts look_at_program_in_cell(int cells, const pod::ContainerPlan& plan);

}  // namespace podrun::ns

// The plan in words: for `podrun plan`, for error messages, for machines.
#pragma once

#include <string>
#include <string_view>

#include "pod/plan/plan.hpp"

namespace podrun::pod {

/// One step as two columns: what is done, to what. Error messages join them: "mount proc → /c/app/proc".
struct StepText {
  std::string action;  ///< a word or two: "attach", "enter", "capabilities"
  std::string detail;  ///< "fd root → /c/app"
};

StepText describe(const FileStep& step);
StepText describe(const SandboxStep& step);
StepText describe(const MemoryStep& step);
StepText describe(const HostStep& step, const ContainerPlan& container);
StepText describe(const ChildStep& step, const ContainerPlan& container);

/// How errors name a step: "step 9 of 29: mount proc → /c/app/proc". LIST says of which: "step", "host step", …
std::string step_words(std::string_view list, std::size_t index, std::size_t count, const StepText& text);

/// The whole plan as `podrun plan` prints it: numbered steps below "files", "sandbox", "memory" and each container.
std::string to_text(const PodPlan& plan);

/// The whole plan as JSON: the same steps with every field, e.g. {"step":"MountProc","path":"/proc",…}.
std::string to_json(const PodPlan& plan);

}  // namespace podrun::pod

// Describes a plan as text for `podrun plan` and error messages, and as JSON.
#pragma once

#include <string>
#include <string_view>

#include "pod/plan/plan.hpp"

namespace podrun::pod {

/// A step in two columns: an action and its details. Error messages join them: "mount proc → /c/app/proc".
struct StepText {
  std::string action;  ///< one or two words: "attach", "enter", "capabilities"
  std::string detail;  ///< "fd root → /c/app"
};

StepText describe(const FileStep& step);
StepText describe(const SandboxStep& step);
StepText describe(const MemoryStep& step);
StepText describe(const NetworkStep& step);
StepText describe(const HostStep& step, const ContainerPlan& container);
StepText describe(const ChildStep& step, const ContainerPlan& container);

/// The name of a step, e.g. "MountProc".
std::string_view step_name(const FileStep& step);
std::string_view step_name(const SandboxStep& step);
std::string_view step_name(const MemoryStep& step);
std::string_view step_name(const NetworkStep& step);
std::string_view step_name(const HostStep& step);
std::string_view step_name(const ChildStep& step);

/// The name of a step in errors: "step 9 of 29: mount proc → /c/app/proc". LIST is the kind of step: "step",
/// "host step", …
std::string step_words(std::string_view list, std::size_t index, std::size_t count, const StepText& text);

/// Addresses: "10.77.0.5 fd77:1:2:3::5".
std::string address_words(const Addresses& addresses);

/// The plan in the form of `podrun plan`: numbered steps below "files", "sandbox", "memory", each network and each
/// container.
std::string to_text(const PodPlan& plan);

/// The plan as JSON, with all fields of each step: {"step":"MountProc","path":"/proc",…}.
std::string to_json(const PodPlan& plan);

}  // namespace podrun::pod

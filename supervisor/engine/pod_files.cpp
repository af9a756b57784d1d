// The files and volumes of a pod.
#include "supervisor/engine/pod_files.hpp"

#include <algorithm>
#include <variant>

#include <fmt/format.h>

#include "namespaces/volumes/file_steps.hpp"
#include "namespaces/volumes/memory_volumes.hpp"
#include "pod/plan/describe.hpp"

namespace podrun::supervisor {
namespace {

/// Performs the steps of a list in order; an error names the step that failed.
template <typename Step, typename Take>
Result<> take_steps(const pod::PodPlan& plan, std::string_view list, const std::vector<Step>& steps, const Take& take) {
  for (std::size_t index = 0; index < steps.size(); ++index)
    if (const Result<> done = take(steps[index]); !done)
      return fail(
          fmt::format("{}: {}: {}", plan.name, pod::step_words(list, index, steps.size(), pod::describe(steps[index])),
                      done.error().message),
          done.error().number);
  return {};
}

/// Whether the duration of the step depends on the user's data.
bool is_long(const pod::FileStep& step) { return std::holds_alternative<pod::file::GiveToGroup>(step); }

}  // namespace

bool writes_files_early(const PodContext& pod) { return pod.is_first && std::ranges::none_of(pod.plan.files, is_long); }

Result<> write_files(const PodContext& pod, HelperProcesses& helpers) {
  return take_steps(pod.plan, "file step", pod.plan.files, [&](const pod::FileStep& step) {
    const auto take = [&] { return ns::perform(step); };
    return is_long(step) ? helpers.run_and_wait(take) : take();
  });
}

Result<> make_memory_volumes(const pod::PodPlan& plan, const ns::PodMounts& mounts) {
  return take_steps(plan, "memory step", plan.memory,
                    [&](const pod::MemoryStep& step) { return ns::perform(step, mounts); });
}

}  // namespace podrun::supervisor

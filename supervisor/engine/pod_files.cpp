// The files and volumes of a pod.
#include "supervisor/engine/pod_files.hpp"

#include <algorithm>
#include <variant>

#include <fmt/format.h>

#include "namespaces/volumes/file_steps.hpp"
#include "namespaces/volumes/memory_volumes.hpp"
#include "pod/failure/step_failure.hpp"

namespace podrun::supervisor {
namespace {

/// Performs the steps of a list in order. An error says why the step failed.
template <typename Step, typename Take, typename Explain>
Result<> take_steps(const pod::PodPlan& plan, const std::vector<Step>& steps, const Take& take,
                    const Explain& explain) {
  for (std::size_t index = 0; index < steps.size(); ++index)
    if (const Result<> done = take(steps[index]); !done) {
      const Error failure = explain(plan, index, done.error());
      return fail(fmt::format("{}: {}", plan.name, failure.message), failure.number);
    }
  return {};
}

/// Whether the duration of the step depends on the user's data.
bool is_long(const pod::FileStep& step) { return std::holds_alternative<pod::file::GiveToGroup>(step); }

}  // namespace

bool writes_files_early(const PodContext& pod) { return pod.is_first && std::ranges::none_of(pod.plan.files, is_long); }

Result<> write_files(const PodContext& pod, HelperProcesses& helpers) {
  const auto perform = [&](const pod::FileStep& step) {
    const auto take = [&] { return ns::perform(step); };
    return is_long(step) ? helpers.run_and_wait(take) : take();
  };
  return take_steps(pod.plan, pod.plan.files, perform, pod::file_step_failure);
}

Result<> make_memory_volumes(const pod::PodPlan& plan, const ns::PodMounts& mounts) {
  const auto perform = [&](const pod::MemoryStep& step) { return ns::perform(step, mounts); };
  return take_steps(plan, plan.memory, perform, pod::memory_step_failure);
}

}  // namespace podrun::supervisor

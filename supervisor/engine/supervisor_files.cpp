// Files, volumes and roots of the containers.
#include <algorithm>
#include <variant>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/volumes/file_steps.hpp"
#include "namespaces/volumes/memory_volumes.hpp"
#include "pod/plan/describe.hpp"
#include "supervisor/engine/supervisor.hpp"

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

/// Whether write_files() may run before the register is read. Not if a step takes long, because a stop must be handled
/// meanwhile, nor in a later supervisor, which must first know how far the former one came.
bool Supervisor::writes_early() const { return is_first_ && std::ranges::none_of(plan_.files, is_long); }

/// Performs the file steps; those that may take long in a child process.
Result<> Supervisor::write_files() {
  const auto written = take_steps(plan_, "file step", plan_.files, [this](const pod::FileStep& step) {
    const auto take = [&] { return ns::perform(step); };
    return is_long(step) ? run_in_child_and_wait(take) : take();
  });
  end_lap("pod's files");
  return written;
}

/// Runs work in a child process in the pod's control group, while this process handles events: a stop ends both.
Result<> Supervisor::run_in_child_and_wait(const std::function<Result<>()>& work) {
  const Fd group = TRY(cgroup_->helpers());
  awaited_task_ = TRY(ns::start_child_task(work, group.get()));
  bool done = false;
  const EventSource watch = TRY(loop_.watch(awaited_task_->process.pidfd.get(), EPOLLIN, [&] { done = true; }));
  TRY_VOID(loop_.run_until([&] { return done; }));
  const Result<> end = ns::finish_child_task(*awaited_task_);
  awaited_task_.reset();
  return end;
}

/// Makes the containers' overlays while the pause performs the sandbox steps. A container that joins another is started
/// later, but its root is used for the same instance.
void Supervisor::make_roots_early() {
  for (std::size_t index = 0; index < plan_.containers.size(); ++index)
    early_roots_[index] = ns::make_root_early(plan_.containers[index], 0);
  end_lap("containers' overlays");
}

/// Makes the volumes in memory. Those that a former supervisor made are found there.
Result<> Supervisor::make_memory_volumes() {
  const ns::PodMounts pod{.pause = pause_pidfd_.get(), .cells = cells_.get()};
  return take_steps(plan_, "memory step", plan_.memory,
                    [&](const pod::MemoryStep& step) { return ns::perform(step, pod); });
}

/// Reads the variables from files before a launch: containers may have changed the files.
Result<> Supervisor::read_variables(std::size_t index) {
  if (!file_variables_) return {};
  auto plan =
      TRY(plan_with_files(*file_variables_, index, facts_, {.pause = pause_pidfd_.get(), .cells = cells_.get()}));
  if (!plan) return {};
  plan_.containers[index] = std::move(*plan);
  const std::string name = variables_in_memory(plan_.containers[index].name);
  const auto& exec = std::get<pod::step::Exec>(plan_.containers[index].child.back());
  const Fd given = TRY(ns::file_in_memory(name, to_text(exec.env)));
  return pause_.hold(name, {given.get()});
}

}  // namespace podrun::supervisor

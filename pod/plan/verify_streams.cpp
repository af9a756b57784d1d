// Verifies that a container's standard streams are connected.
#include "pod/plan/verify_streams.hpp"

#include <fmt/format.h>

#include "pod/plan/step_predicates.hpp"

namespace podrun::pod {
namespace {

/// A violation of the invariant: the position of the step and an explanation. `how` is empty if there is none.
struct Violation {
  std::size_t step = 0;
  std::string_view how;
};

Violation find_violation(const std::vector<ChildStep>& steps) {
  bool session = false, pipes = false, terminal = false, input = false;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto is = [&]<typename Step>(Step) { return std::holds_alternative<Step>(steps[i]); };
    session |= is(step::NewSession{});
    if (is(step::ConnectTerminal{}) && !session)
      return {i, "only a session of its own can have a controlling terminal"};
    if ((is(step::ConnectTerminal{}) || is(step::ConnectStdio{})) && (pipes || terminal))
      return {i, "its streams are connected already"};
    if (is(step::ConnectInput{}) && (!pipes || input)) return {i, "stdin is connected once, after stdout and stderr"};
    pipes |= is(step::ConnectStdio{});
    terminal |= is(step::ConnectTerminal{});
    input |= is(step::ConnectInput{});
  }
  if (!pipes && !terminal) return {steps.size(), "its streams are the supervisor's"};
  return {};
}

}  // namespace

Result<> verify_streams(const PodPlan& plan) {
  for (const ContainerPlan& container : plan.containers)
    if (const Violation violation = find_violation(container.child);
        !violation.how.empty() && !has_no_steps_yet(container))
      return fail(fmt::format("{}/{}: {} breaks law 12: {}", plan.name, container.name,
                              place("", container.child, violation.step), violation.how));
  return {};
}

}  // namespace podrun::pod

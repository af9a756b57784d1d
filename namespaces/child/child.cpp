// The container's own process between clone3(2) and execve(2).
#include "namespaces/child/child.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <variant>

#include "namespaces/child/apply.hpp"

namespace podrun::ns {

StepFailure run_steps(const pod::ContainerPlan& plan, const ChildContext& context, std::size_t count) noexcept {
  context.timestamps->set(0);
  for (std::size_t index = 0; index < count; ++index) {
    const int error = std::visit([&](const auto& step) noexcept { return apply(step, context); }, plan.child[index]);
    if (error != 0) return {static_cast<std::uint16_t>(index), static_cast<std::uint16_t>(error)};
    context.timestamps->set(index + 1);
  }
  return {0, 0};
}

void run_child(const pod::ContainerPlan& plan, const ChildContext& context) noexcept {
  // verify() has checked that the last step is an Exec, which returns only after a failure.
  const StepFailure report = run_steps(plan, context, plan.child.size());
  ::send(context.descriptors[pod::slot::report], &report, sizeof report, MSG_NOSIGNAL);
  ::_exit(128);
}

}  // namespace podrun::ns

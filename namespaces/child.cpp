// The container's own process between clone3(2) and execve(2).
#include "namespaces/child.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <variant>

#include "namespaces/apply.hpp"

namespace podrun::ns {

void run_child(const pod::ContainerPlan& plan, const ChildContext& context) noexcept {
  context.marks->set(0);
  for (std::size_t index = 0; index < plan.child.size(); ++index) {
    const int error = std::visit([&](const auto& step) noexcept { return apply(step, context); }, plan.child[index]);
    if (error == 0) {
      context.marks->set(index + 1);
      continue;
    }
    const Report report{static_cast<std::uint16_t>(index), static_cast<std::uint16_t>(error)};
    ::send(context.descriptors[pod::slot::report], &report, sizeof report, MSG_NOSIGNAL);
    ::_exit(128);
  }
  ::_exit(128);  // verify() saw to it that the last step is an Exec, which returns only to report
}

}  // namespace podrun::ns

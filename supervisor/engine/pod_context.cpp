// What all parts of a supervisor share.
#include "supervisor/engine/pod_context.hpp"

#include <algorithm>

namespace podrun::supervisor {

std::optional<std::size_t> PodContext::index_of(std::string_view container) const {
  const auto found = std::ranges::find(plan.containers, container, &pod::ContainerPlan::name);
  if (found == plan.containers.end()) return std::nullopt;
  return static_cast<std::size_t>(found - plan.containers.begin());
}

}  // namespace podrun::supervisor

// How named objects are copied, moved and destroyed: member by member. What a Service selects.
#include "pod/spec/objects.hpp"

#include <algorithm>

namespace podrun::pod {

bool selects(const Service& service, const Metadata& pod) {
  const auto& selector = service.spec.selector;
  return !selector.empty() && std::ranges::all_of(selector, [&](const auto& label) {
    const auto found = pod.labels.find(label.first);
    return found != pod.labels.end() && found->second == label.second;
  });
}

NamedObjects::NamedObjects() = default;
NamedObjects::NamedObjects(const NamedObjects&) = default;
NamedObjects::NamedObjects(NamedObjects&&) noexcept = default;
NamedObjects& NamedObjects::operator=(const NamedObjects& other) { return *this = NamedObjects(other); }
NamedObjects& NamedObjects::operator=(NamedObjects&&) noexcept = default;
NamedObjects::~NamedObjects() = default;

}  // namespace podrun::pod

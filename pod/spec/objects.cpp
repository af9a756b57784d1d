// How named objects are copied, moved and destroyed: member by member.
#include "pod/spec/objects.hpp"

namespace podrun::pod {

NamedObjects::NamedObjects() = default;
NamedObjects::NamedObjects(const NamedObjects&) = default;
NamedObjects::NamedObjects(NamedObjects&&) noexcept = default;
NamedObjects& NamedObjects::operator=(const NamedObjects& other) { return *this = NamedObjects(other); }
NamedObjects& NamedObjects::operator=(NamedObjects&&) noexcept = default;
NamedObjects::~NamedObjects() = default;

}  // namespace podrun::pod

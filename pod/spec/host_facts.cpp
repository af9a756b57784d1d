// How facts are copied, moved and destroyed: member by member.
#include "pod/spec/host_facts.hpp"

namespace podrun::pod {

HostFacts::HostFacts() = default;
HostFacts::HostFacts(const HostFacts&) = default;
HostFacts::HostFacts(HostFacts&&) noexcept = default;
HostFacts& HostFacts::operator=(const HostFacts& other) { return *this = HostFacts(other); }
HostFacts& HostFacts::operator=(HostFacts&&) noexcept = default;
HostFacts::~HostFacts() = default;

}  // namespace podrun::pod

// The lease of a kernel parameter of the host, sysctl(8).
#pragma once

#include <string>
#include <string_view>

#include "pod/json/value.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

struct LeaseOwner;

inline constexpr std::string_view sysctl_kind = "sysctl";

/// Gives a kernel parameter a value until the pod ends. `name` is as below /proc/sys: "net/ipv4/ip_forward"; one below
/// net/ is that of the caller's network namespace. The former value comes back unless others have changed it meanwhile;
/// of several values that a run gives, that is the one before the first.
/// Not for a parameter that several pods need: the first one that ends would take it from the others.
Result<> lease_sysctl(const Layout& layout, const LeaseOwner& owner, const std::string& name, const std::string& value);

/// Puts the former value back if the present one is ours. `object` is that of the lease. An error if the parameter is
/// one of another network namespace than the caller's.
Result<> undo_sysctl(const pod::json::Value& object);

}  // namespace podrun::supervisor

// The lease of a kernel parameter of the host, sysctl(8): of one that a pod needs alone, or that several pods share, such
// as ip_forward. The first pod that needs a shared one changes it, and the last one puts the former value back, unless
// others have changed it meanwhile. It is not among the notes of leases.hpp:
//
//   /run/podrun/.sysctls/NETWORK-NAME/change        the former value and ours, in the network namespace NETWORK
//                                     ID_UID        for each run of a pod that needs it
//
// The pod's file and the note are there before the parameter is changed, and stay until it is changed back; an undo may
// come twice. They need not be on disk: a power loss takes both them and the change.
#pragma once

#include <string>
#include <string_view>
#include <vector>

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

/// Gives a kernel parameter a value until the last pod that has asked for it ends. One that has this value already, and
/// not from a pod, stays as it is.
Result<> share_sysctl(const Layout& layout, const LeaseOwner& owner, const std::string& name, const std::string& value);

/// Ends what the runs of a pod share. A parameter of another network namespace than the caller's is an error, and stays.
Result<> end_shared_sysctls(const Layout& layout, const std::string& id);

/// The ids of the pods that share parameters.
std::vector<std::string> pods_with_shared_sysctls(const Layout& layout);

/// The parameters, in the caller's network namespace, that have their value from pods; in alphabetical order.
std::vector<std::string> shared_sysctls(const Layout& layout);

}  // namespace podrun::supervisor

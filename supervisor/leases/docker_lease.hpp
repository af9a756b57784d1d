// The lease of the rules in Docker's chain DOCKER-USER that let a pod's packets pass.
#pragma once

#include <string_view>

#include "pod/json/value.hpp"
#include "pod/network/network_steps.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

struct LeaseOwner;

inline constexpr std::string_view docker_kind = "docker";

/// Adds the rules until the pod ends. It is no error if Docker's chain is gone: then there is nothing to let the pod pass.
Result<> lease_docker_rules(const Layout& layout, const LeaseOwner& owner, const pod::network::DockerRule& rules);

/// Removes the rules. `object` is that of the lease. An error if they are in another network namespace than the caller's.
Result<> undo_docker_rules(const pod::json::Value& object);

}  // namespace podrun::supervisor

// What a pod publishes for the resolvers of all pods: its names and addresses, whether it is ready, and the Services that
// came with it. One file in Layout::names_folder(), which the pod's clean-up removes.
#pragma once

#include <optional>
#include <string>

#include "namespaces/network/published_names.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// What a pod publishes before it is ready. Empty: it has no address, and brings no Service.
std::optional<resolver::PublishedPod> names_of(const pod::Pod& pod, const pod::PodPlan& plan,
                                               const pod::HostFacts& facts);

/// Publishes a pod, and replaces what it has published before.
Result<> publish(const Layout& layout, const resolver::PublishedPod& pod);
/// Removes what a pod has published. It is no error if it has published nothing.
Result<> withdraw(const Layout& layout, const std::string& id);
/// Publishes that a pod is ready, or is not. It is no error if it has published nothing.
Result<> publish_readiness(const Layout& layout, const std::string& id, bool is_ready);

}  // namespace podrun::supervisor

// What a pod asks for and may use as a whole, and which of its resources contradict each other. Pure.
#pragma once

#include <string>

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// What a pod's containers ask for and may use together, with its overhead. Of each resource: what
/// spec.resources says, else the sum over the containers. A request that is left out is the limit. There is a
/// limit for the pod only if it is in spec.resources or every container has one; a limit of zero is none.
Resources effective_resources(const PodSpec& spec);

/// What people are told of a pod with limits: "resources (requests cpu 500m memory 64Mi, limits memory 128Mi)
/// are checked, not enforced yet". Empty: it has none.
std::string unenforced_resources(const PodSpec& spec);

/// Reports requests above their limits, containers' requests that are more than the pod's, and containers'
/// limits above the pod's. NODE is the spec's.
void check_resources(const PodSpec& spec, const yaml::Node* node, DiagnosticCollector& report);

}  // namespace podrun::pod

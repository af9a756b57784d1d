// The total resource requests and limits of a pod, and checks for contradictions between resources.
#pragma once

#include <string>
#include <string_view>

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// The requests and limits of a pod including its overhead: for each resource that of spec.resources, or else the sum
/// over the containers. A request that is not set equals the limit. A pod has a limit only if spec.resources or every
/// container sets it. A limit of zero means no limit.
Resources effective_resources(const PodSpec& spec);

/// The message about a pod with resources: "resources (requests cpu 500m memory 64Mi, limits memory 128Mi) are checked,
/// not enforced yet". Empty if it has none.
std::string unenforced_resources(const PodSpec& spec);

/// `status.qosClass`: "Guaranteed" if the limits of all containers, for CPU and memory, are their requests; "BestEffort"
/// if there are neither; else "Burstable".
std::string_view qos_class(const PodSpec& spec);

/// Reports requests above their limits, and requests and limits of containers above those of the pod. NODE is the spec.
void check_resources(const PodSpec& spec, const yaml::Node* node, DiagnosticCollector& report);

}  // namespace podrun::pod

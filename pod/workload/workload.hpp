// Converts workloads, the objects from which Kubernetes makes pods (Deployment, Job, …), to a single pod.
#pragma once

#include <string_view>
#include <vector>

#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// The kinds that have a pod template.
std::vector<std::string_view> workload_kinds();

/// The template of a workload as the manifest of a Pod with the workload's name and namespace. New nodes are added to
/// the document. Warns of fields that have no effect on a single pod. nullptr if there is no template, which is
/// reported.
const yaml::Node* pod_of_workload(yaml::Document& document, const yaml::Node& workload, DiagnosticCollector& report);

/// The claims of a StatefulSet's pod as manifests of PersistentVolumeClaims. pod_of_workload() adds a volume for each.
std::vector<const yaml::Node*> claims_of_workload(yaml::Document& document, const yaml::Node& workload);

}  // namespace podrun::pod

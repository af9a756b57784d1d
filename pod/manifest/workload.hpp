// What Kubernetes makes pods of (Deployment, Job, …), as the one pod that it would make.
#pragma once

#include <string_view>
#include <vector>

#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// The kinds that have a pod template.
std::vector<std::string_view> workload_kinds();

/// The template of a workload as the manifest of a Pod that has its name and namespace; new nodes go into the document.
/// Warns of what that leaves aside. nullptr: there is no template, which is reported.
const yaml::Node* pod_of_workload(yaml::Document& document, const yaml::Node& workload, DiagnosticCollector& report);

/// The claims that a StatefulSet makes for its pod, as manifests of PersistentVolumeClaims; pod_of_workload() gives the
/// pod a volume for each.
std::vector<const yaml::Node*> claims_of_workload(yaml::Document& document, const yaml::Node& workload);

}  // namespace podrun::pod

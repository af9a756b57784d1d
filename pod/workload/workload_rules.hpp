// What Kubernetes demands of workloads: their fields, and the rules between them and their pod template.
#pragma once

#include <string_view>

#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// The apiVersion of a kind of workload; "" for another kind.
std::string_view api_version_of(std::string_view kind);

/// Reports mistakes in a workload outside its pod template, and what its kind demands of the template.
void check_workload(const yaml::Node& workload, DiagnosticCollector& report);

}  // namespace podrun::pod

// Checks Services.
#pragma once

#include <vector>

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// Reports errors of a Service, as the API server does, and warns of a type that asks for more than a name.
void validate(const Service& service, const yaml::Node& root, DiagnosticCollector& report);

/// Warns of ports of a Service at which nothing answers, because its pods listen at others. PODS are all that are given.
void warn_of_ports(const Service& service, const yaml::Node& root, const std::vector<const Pod*>& pods,
                   DiagnosticCollector& report);

}  // namespace podrun::pod

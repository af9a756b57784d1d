// Checks what the lifecycle of containers is made of: restart rules, probes, hooks and stop signals. Pure.
#pragma once

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// Gives the actions of probes and hooks the numbers of the ports that they name. A name that no port of the container
/// has stays without a number.
void resolve_ports(PodSpec& spec);

/// Reports restart rules, probes, hooks and stop signals that Kubernetes refuses, and names of ports without a number.
/// `node`: of the container, or nullptr. `spec_node`: of the spec.
void check_lifecycle(const PodSpec& spec, const Container& container, const yaml::Node* node,
                     const yaml::Node* spec_node, DiagnosticCollector& report);

}  // namespace podrun::pod

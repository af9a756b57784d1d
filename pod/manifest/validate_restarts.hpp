// Checks the restart policies and rules of single containers. Pure.
#pragma once

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// Reports restart rules that Kubernetes refuses. `node`: of the container, or nullptr.
void check_restart_rules(const Container& container, const yaml::Node* node, DiagnosticCollector& report);

}  // namespace podrun::pod

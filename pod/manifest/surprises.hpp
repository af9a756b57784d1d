// Warns where the lifecycle of a valid manifest is hardly what its author expects. Only what is certain is told.
#pragma once

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// Warns of probes and hooks that cannot do what they are for. `node`: the pod, which has no errors.
void warn_of_lifecycle(const Pod& pod, const yaml::Node& node, DiagnosticCollector& report);

}  // namespace podrun::pod

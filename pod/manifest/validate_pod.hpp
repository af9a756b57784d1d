// Checks relations between the fields of a pod that are not its containers' or volumes'.
#pragma once

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// Reports errors of host names, the resolver and sysctls. ROOT is the manifest.
void check_pod_fields(const Pod& pod, const yaml::Node& root, DiagnosticCollector& report);

/// Reports annotations that are too large together. METADATA is that of an object of any kind, and NODE its node.
void check_metadata(const Metadata& metadata, const yaml::Node& node, DiagnosticCollector& report);

}  // namespace podrun::pod

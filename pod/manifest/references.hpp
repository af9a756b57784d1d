// Checks a pod's references to its own fields, to ConfigMaps, Secrets and claims.
#pragma once

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// Reports references of POD, which was decoded from ROOT, to fields, objects and keys that do not exist and are not
/// optional.
void check_references(const Pod& pod, const yaml::Node& root, DiagnosticCollector& report);

}  // namespace podrun::pod

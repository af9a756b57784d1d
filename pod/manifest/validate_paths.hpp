// Checks the file paths of configMap, secret, downwardAPI and projected volumes for duplicates.
#pragma once

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// Reports duplicate paths in projected volumes, where Kubernetes refuses them. Warns of duplicate paths in other
/// volumes, where the later file wins. NODE is the spec, or nullptr.
void check_file_paths(const PodSpec& spec, const yaml::Node* node, DiagnosticCollector& report);

}  // namespace podrun::pod

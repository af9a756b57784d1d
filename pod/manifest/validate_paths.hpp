// The files of volumes that are made of ConfigMaps, Secrets and what is known of the pod: two of one path.
#pragma once

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// Reports paths that are taken twice: in a projected volume, where Kubernetes refuses them. Warns of them in the
/// others, where the later file wins. NODE is the spec, or nullptr.
void check_file_paths(const PodSpec& spec, const yaml::Node* node, DiagnosticCollector& report);

}  // namespace podrun::pod

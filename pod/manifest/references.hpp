// What a pod refers to: fields of itself, ConfigMaps, Secrets, claims.
#pragma once

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// Reports references of POD, decoded from ROOT, that lead nowhere: a field that is none, an object or a key that is
/// not among its objects and is not optional.
void check_references(const Pod& pod, const yaml::Node& root, DiagnosticCollector& report);

}  // namespace podrun::pod

// Checks a pod's references to its own fields, to ConfigMaps, Secrets and claims.
#pragma once

#include <map>
#include <string>

#include "pod/spec/objects.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// All objects that are given.
using ObjectsByNamespace = std::map<std::string, NamedObjects>;

/// Reports references of POD, which was decoded from ROOT, to fields, objects and keys that do not exist and are not
/// optional.
void check_references(const Pod& pod, const yaml::Node& root, const ObjectsByNamespace& given,
                      DiagnosticCollector& report);

}  // namespace podrun::pod

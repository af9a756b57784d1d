// What must hold between the parts of a manifest; each value alone was checked by its row (schema.hpp).
#pragma once

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// Reports what POD, decoded from ROOT, breaks: names that are not unique or not declared, mount paths taken
/// twice, unknown podrun.io/ annotations, a name too long for a file.
void validate(const Pod& pod, const yaml::Node& root, DiagnosticCollector& report);

}  // namespace podrun::pod

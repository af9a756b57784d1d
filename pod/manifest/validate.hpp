// Checks relations between the values of a manifest. Single values are checked by decode() (schema.hpp).
#pragma once

#include <cstddef>

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// As many containers as the pause can hold.
inline constexpr std::size_t most_containers = 240;

/// Reports errors of POD, which was decoded from ROOT: names that are not unique or not declared, duplicate mount
/// paths, unknown podrun.io/ annotations, a name that is too long for a file name.
void validate(const Pod& pod, const yaml::Node& root, DiagnosticCollector& report);

}  // namespace podrun::pod

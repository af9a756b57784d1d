// Checks the files of configMap, secret, downwardAPI and projected volumes, and the mounts of parts of them.
#pragma once

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// Reports a file in whose place a directory must be, and a subPath below a file. Warns of a subPath at which there is
/// nothing. The pod has the objects that it refers to; ROOT is its manifest.
void check_volume_files(const Pod& pod, const yaml::Node& root, DiagnosticCollector& report);

}  // namespace podrun::pod

// Kubernetes' rules for the names and amounts of a container's resources, and for the units they are shown in.
#pragma once

#include <string_view>

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// Reports resources that a container cannot have, amounts that are not whole units of theirs, and requests that do not
/// fit their limits. NODE is the `resources` of the container; it may be nullptr.
void check_container_resources(const Resources& resources, const yaml::Node* node, DiagnosticCollector& report);

/// The units in which a resource ("limits.cpu") may be shown, as the end of a sentence, if the divisor is none of them;
/// else "". TEXT is the divisor in the manifest.
std::string_view divisor_error(std::string_view resource, std::string_view text);

}  // namespace podrun::pod

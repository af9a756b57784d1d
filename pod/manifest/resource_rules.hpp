// Kubernetes' rules for the names and amounts of resources, and for the units they are shown in.
#pragma once

#include <string_view>

#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// Whose resources are checked: a pod as a whole can have fewer kinds of them.
enum class ResourceOwner { Container, Pod };

/// Reports resources that the owner cannot have, amounts that are not whole units of theirs, and requests that do not
/// fit their limits. NODE is the `resources` of the owner; it may be nullptr.
void check_resource_rules(const Resources& resources, ResourceOwner owner, const yaml::Node* node,
                          DiagnosticCollector& report);

/// Reports resources and amounts that `overhead` cannot have. NODE may be nullptr.
void check_overhead(const Quantities& overhead, const yaml::Node* node, DiagnosticCollector& report);

/// The units in which a resource ("limits.cpu") may be shown, as the end of a sentence, if the divisor is none of them;
/// else "". NODE is the divisor in the manifest.
std::string_view divisor_error(std::string_view resource, const yaml::Node& node);

}  // namespace podrun::pod

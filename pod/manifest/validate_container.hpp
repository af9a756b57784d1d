// Checks relations between the fields of containers.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "pod/annotations/network_choice.hpp"
#include "pod/spec/spec.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// Stands in the list of volume names for volumes below a misspelled field. Any mount may refer to one of them.
inline constexpr std::string_view volumes_not_understood = "";

/// Reports errors of the containers of a pod: names that are taken, mounts of unknown volumes and at impossible paths,
/// and fields that contradict each other. NODE is the spec; it may be nullptr. VOLUMES are the names
/// of the pod's volumes.
void check_containers(const PodSpec& spec, const yaml::Node* node, const std::vector<std::string_view>& volumes,
                      DiagnosticCollector& report);

/// Reports ports of the host that lead nowhere or are taken, and warns of those of init containers. NODE is the spec; it
/// may be nullptr.
void check_host_ports(const Pod& pod, const PodNetworks& networks, const yaml::Node* node,
                      DiagnosticCollector& report);

/// Reports a seccomp profile whose `localhostProfile` does not fit its `type`. NODE is the security context; it may be
/// nullptr.
void check_seccomp_profile(const std::optional<SeccompProfile>& profile, const yaml::Node* node,
                           DiagnosticCollector& report);

}  // namespace podrun::pod

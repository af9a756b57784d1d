// Checks relations between the fields of the objects that a pod refers to.
#pragma once

#include <map>
#include <set>
#include <string>

#include "pod/spec/objects.hpp"
#include "pod/text/diagnostic_collector.hpp"
#include "pod/yaml/yaml.hpp"

namespace podrun::pod {

/// Reports errors of an object. ROOT is its manifest.
void validate(const ConfigMap& config_map, const yaml::Node& root, DiagnosticCollector& report);
void validate(const Secret& secret, const yaml::Node& root, DiagnosticCollector& report);
void validate(const PersistentVolumeClaim& claim, const yaml::Node& root, DiagnosticCollector& report);

/// Reports the data of a ConfigMap or Secret that has more bytes than Kubernetes allows. It counts the decoded values.
void check_size(const std::map<std::string, std::string>& data, const yaml::Node& root, DiagnosticCollector& report);

/// The keys of a ConfigMap's `binaryData`.
std::set<std::string> binary_keys_of(const yaml::Node& root);

/// The name of the pod among the ownerReferences of an object; "" if there is none.
std::string owning_pod_of(const yaml::Node& root);

/// Reports errors of an `ephemeral` volume, whose claim is checked like any other. NODE may be nullptr.
void check_ephemeral(const yaml::Node* node, DiagnosticCollector& report);

}  // namespace podrun::pod

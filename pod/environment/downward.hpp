// The downward API: what a container may learn of its pod, as a variable or as a file.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "pod/spec/host_facts.hpp"
#include "pod/spec/spec.hpp"

namespace podrun::pod {

/// A `fieldRef.fieldPath`, taken apart: "metadata.labels['app']" is {"metadata.labels", "app"}.
struct FieldPath {
  std::string_view field;
  std::optional<std::string_view> key;
};
FieldPath parse_field_path(std::string_view path);

/// Whether the kubelet gives that field as a variable (env) or as a file (a downwardAPI volume).
bool is_env_field(std::string_view path);
bool is_file_field(std::string_view path);
/// Whether it is a resource of `resourceFieldRef`: limits or requests of cpu, memory, ephemeral-storage, hugepages-*.
bool is_resource_field(std::string_view resource);

/// Whether a container asks for an address of the host (HostFacts::addresses).
bool asks_for_addresses(const Pod& pod);

/// The value of a field that is_env_field() or is_file_field() accepts. `uid` is the run's. Where Kubernetes has what a
/// single host lacks: the node is the host, and a pod that has no network but its loopback has the address 127.0.0.1.
std::string field_value(std::string_view path, const Pod& pod, std::string_view uid, const HostFacts& facts);

/// A limit or request in units of the divisor, rounded up; without a limit (or request) that of the host, as the
/// kubelet does.
std::string resource_value(const ResourceFieldRef& reference, const Container& container, const HostFacts& facts);

}  // namespace podrun::pod

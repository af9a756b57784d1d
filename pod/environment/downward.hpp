// The downward API: fields of the pod that a container gets as variables or files.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "pod/network/network_steps.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/spec/spec.hpp"

namespace podrun::pod {

/// The parts of a `fieldRef.fieldPath`: "metadata.labels['app']" is {"metadata.labels", "app"}.
struct FieldPath {
  std::string_view field;
  std::optional<std::string_view> key;
};
FieldPath parse_field_path(std::string_view path);

/// Whether the kubelet provides the field as a variable (env), and as a file (downwardAPI volume).
bool is_env_field(std::string_view path);
bool is_file_field(std::string_view path);
/// Whether `resourceFieldRef` can name it: limits or requests of cpu, memory, ephemeral-storage, hugepages-*.
bool is_resource_field(std::string_view resource);

/// Whether a container refers to an address of the host (HostFacts::addresses).
bool asks_for_addresses(const Pod& pod);

/// The value of a field that is_env_field() or is_file_field() accepts. `uid` is the pod's UID in this run. The node is
/// the host. `addresses` are the pod's; without any they are those of the host with hostNetwork, or else 127.0.0.1, as
/// a pod always has a loopback interface.
std::string field_value(std::string_view path, const Pod& pod, std::string_view uid, const HostFacts& facts,
                        const Addresses& addresses = {});

/// A limit or request in units of the divisor, rounded up. As with the kubelet, a limit that is not set, or 0, is that
/// of the pod, else what the host has, and a request that is not set is the limit.
std::string resource_value(const ResourceFieldRef& reference, const Container& container, const Pod& pod,
                           const HostFacts& facts);

}  // namespace podrun::pod

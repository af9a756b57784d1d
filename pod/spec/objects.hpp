// The objects beside pods, as plain aggregates.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "pod/spec/metadata.hpp"
#include "pod/spec/probes.hpp"
#include "pod/text/quantity.hpp"

namespace podrun::pod {

/// A ConfigMap: `data` and the decoded `binaryData`.
struct ConfigMap {
  Metadata metadata;
  std::map<std::string, std::string> data;
  std::set<std::string> binary_keys{};  ///< those of `binaryData`: files of volumes, never variables
};

/// A Secret: the decoded `data` and `stringData`; of a key in both, the value of `stringData`. The values are never
/// printed.
struct Secret {
  Metadata metadata;
  std::map<std::string, std::string> data;
};

/// `spec` of a PersistentVolumeClaim.
struct ClaimSpec {
  Quantities requests;  ///< `resources.requests`, with the key "storage"
};

/// A PersistentVolumeClaim: a named volume that persists after the pods that use it.
struct PersistentVolumeClaim {
  Metadata metadata;
  ClaimSpec spec;
  std::string owning_pod{};  ///< the pod of whose ephemeral volume it is, by ownerReferences; mostly empty
};

/// `protocol` of a port.
enum class Protocol { Tcp, Udp, Sctp };

/// `spec.ports[]` of a Service.
struct ServicePort {
  std::string name;  ///< may be empty if it is the only one
  std::int64_t port = 0;
  ActionPort target_port;  ///< `targetPort`; neither a number nor a name: as `port`
  Protocol protocol = Protocol::Tcp;
};

/// `spec.type` of a Service. It has an effect with ExternalName only.
enum class ServiceType { ClusterIp, NodePort, LoadBalancer, ExternalName };

/// `spec` of a Service.
struct ServiceSpec {
  ServiceType type = ServiceType::ClusterIp;
  std::map<std::string, std::string> selector;  ///< labels of its pods; empty: it has none
  std::vector<ServicePort> ports;
  std::string cluster_ip;     ///< "None": it is headless
  std::string external_name;  ///< with ServiceType::ExternalName: the name of which the Service's is an alias
  bool publish_not_ready_addresses = false;
};

/// A Service: a name for the pods that have the labels of its selector.
struct Service {
  Metadata metadata;
  ServiceSpec spec;
};

/// Whether the name of a Service stands for the pods themselves on Kubernetes, too: it has no address of its own there.
inline bool is_headless(const Service& service) { return service.spec.cluster_ip == "None"; }

/// Whether a Service selects a pod of its namespace.
bool selects(const Service& service, const Metadata& pod);

/// The objects of a pod's namespace that are not pods.
struct NamedObjects {
  std::map<std::string, ConfigMap> config_maps;          ///< by name
  std::map<std::string, Secret> secrets;                 ///< by name
  std::map<std::string, PersistentVolumeClaim> claims;  ///< by name
  std::map<std::string, Service> services;               ///< by name; not only those that select the pod

  /// The object of that name, or nullptr.
  const ConfigMap* config_map(const std::string& name) const { return find(config_maps, name); }
  const Secret* secret(const std::string& name) const { return find(secrets, name); }
  const PersistentVolumeClaim* claim(const std::string& name) const { return find(claims, name); }

  // Defined in objects.cpp: compiled once, not in each unit that holds one.
  NamedObjects();
  NamedObjects(const NamedObjects&);
  NamedObjects(NamedObjects&&) noexcept;
  NamedObjects& operator=(const NamedObjects&);
  NamedObjects& operator=(NamedObjects&&) noexcept;
  ~NamedObjects();

 private:
  template <typename Object>
  static const Object* find(const std::map<std::string, Object>& objects, const std::string& name) {
    const auto found = objects.find(name);
    return found == objects.end() ? nullptr : &found->second;
  }
};

}  // namespace podrun::pod

// Which network namespaces of a pod are connected to the host, and what they publish. Each of them is given addresses
// and an interface; the others have loopback only.
//
//   podrun.io/network: none            # the pod's own namespace: default (connected) unless it says none
//   podrun.io/network.db: default      # that of the container db with net=private: none unless it says default
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pod/annotations/composition.hpp"
#include "pod/network/network_steps.hpp"
#include "pod/spec/spec.hpp"

namespace podrun::pod {

inline constexpr std::string_view network_annotation = "podrun.io/network";
/// Precedes the name of a container.
inline constexpr std::string_view container_network_annotation = "podrun.io/network.";

/// A network namespace of the pod that is connected to the host.
struct NetworkChoice {
  std::string container{};  ///< empty: the pod's own namespace; else that of this container

  bool operator==(const NetworkChoice&) const = default;
};

/// The networks of a pod: which there are, and which one each container uses.
class PodNetworks {
 public:
  /// Takes the pod by reference.
  explicit PodNetworks(const Pod& pod);
  /// As above, for a pod whose namespaces are composed.
  PodNetworks(const Pod& pod, const std::vector<ContainerComposition>& composed);

  /// The pod's own first, if a container uses it and it is connected, then those of containers, in their order.
  const std::vector<NetworkChoice>& connected() const { return connected_; }
  /// The connected network that a container uses. Empty: it uses the host's, or one with loopback only.
  std::optional<NetworkChoice> of(std::size_t container) const;
  /// Whether a container uses the host's network.
  bool is_host(std::size_t container) const;
  /// Whether a container uses the pod's own network namespace.
  bool is_pods(std::size_t container) const;
  /// Why the network of a container has loopback only, as the end of a sentence, and what connects it; "" if it is
  /// connected or the host's.
  std::string lack_of(std::size_t container) const;

  /// The ports of the host that lead to a network. As with the kubelet, those of init containers are not published.
  std::vector<PublishedPort> published_ports(const NetworkChoice& choice) const;
  /// Whether podrun resolves names in a network: not if dnsPolicy is Default or None, and not if a container declares
  /// port 53 there, at which it serves names itself.
  bool has_resolver(const NetworkChoice& choice) const;

  /// What is wrong with the annotations.
  std::vector<CompositionError> errors() const;

 private:
  /// The network namespace that a container uses: the name of its owner, "" for the pod's. Empty: the host's.
  std::optional<std::string> owner_of(std::size_t container) const;
  bool is_connected(const std::string& owner) const;
  std::optional<std::string> error_of(std::string_view annotation) const;

  const Pod& pod_;
  std::vector<NamespaceSource> sources_;  ///< of the network namespaces, by container
  std::vector<NetworkChoice> connected_;
};

/// Whether an annotation is one of network_annotation and container_network_annotation.
bool is_network_annotation(std::string_view key);

/// Whether two ports of the host cannot both be bound: their numbers, protocols and addresses overlap.
bool is_same_host_port(const PublishedPort& one, const PublishedPort& other);
/// A container's port as one of the host. The host's port of a container in the host's network is its own.
PublishedPort published(const ContainerPort& port, std::string container);
/// A port in messages: "8080/TCP", "192.0.2.1:53/UDP".
std::string port_words(const PublishedPort& port);

}  // namespace podrun::pod

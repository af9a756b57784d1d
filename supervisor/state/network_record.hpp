// A pod's network in its record: what commands show of it, and what a clean-up and a stop need.
#pragma once

#include <string>
#include <vector>

#include "pod/json/reader.hpp"
#include "pod/json/value.hpp"
#include "pod/network/network_steps.hpp"

namespace podrun::supervisor {

/// A network namespace that is connected to the host: a NetworkPlan without its steps.
struct NetworkRecord {
  std::string container{};  ///< empty: the pod's; else that container's own
  std::string interface{};  ///< on the host
  pod::Addresses addresses{};
  std::vector<pod::PublishedPort> ports{};

  bool operator==(const NetworkRecord&) const = default;
};

NetworkRecord record_of(const pod::NetworkPlan& network);
/// The networks of a plan.
std::vector<NetworkRecord> network_records(const std::vector<pod::NetworkPlan>& networks);

/// "8080->80/TCP", "192.0.2.1:53->53/UDP".
std::string text_of(const pod::PublishedPort& port);

/// The addresses as text, IPv4 first.
std::vector<std::string> texts_of(const pod::Addresses& addresses);

/// "network: 10.77.1.5, fd12::5; port 8080 of the host → app:80"
std::string network_sentence(const NetworkRecord& network);

pod::json::Value to_json(const NetworkRecord& network);
/// The inverse. What is wrong is noted in the reader.
NetworkRecord read_network_record(const pod::json::Reader& from);

}  // namespace podrun::supervisor

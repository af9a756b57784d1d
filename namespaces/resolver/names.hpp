// What a pod publishes for the resolvers of all pods: one small file in /run/podrun/.names, called <namespace>_<name>.
// It has names and addresses only: nothing of environments, secrets or images.
//
//   podrun-names 1
//   pod default web            one line for each fact: a word that says which, then its words
//   hostname web
//   ready
//   interface podrun5
//   address 10.77.0.5
//   label app web
//   port http TCP 8080
//   service default web        a Service document that came with the pod; the lines after it are the Service's
//   selector app web
//   service-port http TCP 80 http
//   end
//
// The supervisor writes it (root, by rename), and podrun-resolver reads it, which checks and bounds what it reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pod/network/ip_address.hpp"

namespace podrun::resolver {

/// What is read at most: bytes and lines of one file, and files of the folder.
inline constexpr std::size_t longest_file = 1 << 20, most_lines = 10'000, most_files = 1000;

/// A port of a container that has a name.
struct NamedPort {
  std::string name;
  std::string protocol;  ///< "TCP", "UDP" or "SCTP"
  std::uint16_t number = 0;
  bool operator==(const NamedPort&) const = default;
};

/// A port of a Service.
struct ServicePort {
  std::string name;      ///< may be empty
  std::string protocol;  ///< "TCP", "UDP" or "SCTP"
  std::uint16_t port = 0;
  std::string target;    ///< a number, or the name of a container's port
  bool operator==(const ServicePort&) const = default;
};

/// A Service document.
struct PublishedService {
  std::string namespace_name;
  std::string name;
  std::map<std::string, std::string> selector{};  ///< empty: it selects no pod
  bool is_headless = false;                       ///< clusterIP: None
  std::string external_name{};                    ///< of the type ExternalName; else empty
  bool publishes_not_ready = false;               ///< publishNotReadyAddresses
  std::vector<ServicePort> ports{};
  bool operator==(const PublishedService&) const = default;
};

/// What a pod publishes.
struct PublishedPod {
  std::string namespace_name;
  std::string name;
  std::string hostname{};
  std::string subdomain{};
  std::vector<pod::IpAddress> addresses{};
  std::string interface{};  ///< on the host: "podrun5"; empty: the pod uses the host's network
  bool is_ready = false;
  std::map<std::string, std::string> labels{};
  std::vector<NamedPort> ports{};
  std::vector<PublishedService> services{};
  bool operator==(const PublishedPod&) const = default;
};

/// What all pods publish, by the names of their files.
using PublishedPods = std::map<std::string, PublishedPod>;

/// The name of its file: "default_web".
std::string file_name_of(const PublishedPod& pod);

/// The text of a file. Empty: a value has white space, or is missing, which no valid manifest has; or it is too long.
std::optional<std::string> encode(const PublishedPod& pod);
/// The inverse; empty if the text is none that encode() returns.
std::optional<PublishedPod> parse(std::string_view text);

}  // namespace podrun::resolver

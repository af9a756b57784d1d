// A question and the names that pods publish → the answer. Pure. Followed: Kubernetes' DNS-based service discovery,
// https://github.com/kubernetes/dns/blob/master/docs/specification.md, for Services without a virtual address.
//
//   NAME.NS.svc.cluster.local               a Service; else the pod of that name, or the pods with that hostname
//   HOSTNAME.SUBDOMAIN.NS.svc.cluster.local a pod with that subdomain; of a Service's name: if the Service selects it
//   A-B-C-D.SERVICE.NS.svc.cluster.local    the same by its address, as SRV records name it
//   _PORT._PROTOCOL.SERVICE.NS.svc.…        SRV records: the ports at which the pods answer
//   A-B-C-D.NS.pod.cluster.local            a pod by its address
//   NAME.                                   as NAME.NS.svc.cluster.local, in the asking pod's namespace, if there is one
//   the reverse names of pods' addresses
//
// The search list "NS.svc.cluster.local svc.cluster.local cluster.local" leads each short form to these. Other names
// below cluster.local do not exist; all other names are for the host's resolvers.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "namespaces/resolver/names.hpp"

namespace podrun::resolver {

/// Types of records, as the DNS numbers them.
enum class RecordType : std::uint16_t { A = 1, Cname = 5, Ptr = 12, Aaaa = 28, Srv = 33, Any = 255 };

/// What is asked. The name is in small letters, without the last dot.
struct Question {
  std::string name;
  std::uint16_t type = 0;
};

/// The data of a SRV record.
struct SrvData {
  std::uint16_t port = 0;
  std::string target;
  bool operator==(const SrvData&) const = default;
};
/// The data of a CNAME or PTR record.
struct NameData {
  std::string name;
  bool operator==(const NameData&) const = default;
};

/// A record of an answer.
struct Record {
  std::string name;
  RecordType type;
  std::variant<pod::IpAddress, NameData, SrvData> data;
  bool operator==(const Record&) const = default;
};

/// What becomes of a question.
enum class Outcome : std::uint8_t {
  Found,      ///< the records are the answer; none: the name exists, without records of the type
  NoSuchName, ///< NXDOMAIN
  Elsewhere   ///< for the host's resolvers; with records: they have asked for an alias, whose target is for them
};

/// An answer.
struct Answer {
  Outcome outcome = Outcome::Found;
  std::vector<Record> records{};
  std::vector<Record> additional{};  ///< the addresses of the targets of SRV records
  std::string elsewhere{};           ///< Elsewhere: the name to ask for
  bool operator==(const Answer&) const = default;
};

/// The names that a resolver knows, and who asks.
struct Names {
  PublishedPods pods;
  std::string asking_namespace;
};

/// Whether the host has an interface of this name. A pod whose interface is gone has been killed, and is not answered.
using InterfaceExists = std::function<bool(const std::string&)>;

Answer look_up(const Names& names, const InterfaceExists& exists, const Question& question);

/// Whether a name is the zone "cluster.local" or below it.
bool is_in_zone(std::string_view name);

/// Moves the records of each type round by `turns`, so that each address is the first in its turn.
void rotate(std::vector<Record>& records, std::size_t turns);

}  // namespace podrun::resolver

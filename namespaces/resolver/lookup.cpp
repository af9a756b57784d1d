// A question and the names that pods publish → the answer.
#include "namespaces/resolver/lookup.hpp"

#include <algorithm>
#include <optional>

#include "namespaces/resolver/address_names.hpp"

namespace podrun::resolver {
namespace {

constexpr std::string_view zone = "cluster.local", service_zone = "svc.cluster.local";
/// ExternalNames that lead to each other.
constexpr int longest_chain = 8;

using Labels = std::vector<std::string_view>;

Labels labels_of(std::string_view name) {
  Labels labels;
  for (;;) {
    const std::size_t dot = name.find('.');
    if (dot > 0) labels.push_back(name.substr(0, dot));
    if (dot == std::string_view::npos) return labels;
    name.remove_prefix(dot + 1);
  }
}

/// As the DNS compares names: in small letters, without the last dot.
std::string normal(std::string_view name) {
  if (name.ends_with('.')) name.remove_suffix(1);
  std::string text(name);
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

bool matches(const PublishedService& service, const PublishedPod& pod) {
  if (service.selector.empty() || service.namespace_name != pod.namespace_name) return false;
  return std::ranges::all_of(service.selector, [&](const auto& wanted) {
    const auto label = pod.labels.find(wanted.first);
    return label != pod.labels.end() && label->second == wanted.second;
  });
}

using Pods = std::vector<const PublishedPod*>;

class Lookup {
 public:
  Lookup(const Names& names, const InterfaceExists& exists, const Question& question, int chain)
      : names_(names), exists_(exists), question_(question), chain_(chain) {}

  Answer answer() const {
    if (is_in_zone(question_.name)) return in_zone();
    if (question_.name.ends_with(".arpa")) return by_address();
    if (question_.name.empty() || question_.name.contains('.')) return elsewhere(question_.name);
    auto found = by_name(question_.name, names_.asking_namespace);
    return found ? *found : elsewhere(question_.name);
  }

 private:
  // ---- the pods and Services that there are ----

  bool is_alive(const PublishedPod& pod) const { return pod.interface.empty() || exists_(pod.interface); }

  /// The living pods of a namespace that are as `is_wanted` says, which is asked first: it costs no system call.
  template <typename Predicate>
  Pods pods_of(std::string_view namespace_name, Predicate is_wanted) const {
    Pods found;
    for (const auto& [file, pod] : names_.pods)
      if (pod.namespace_name == namespace_name && is_wanted(pod) && is_alive(pod)) found.push_back(&pod);
    return found;
  }

  /// A document that several pods have brought is that of the first, in the order of their names.
  const PublishedService* service_of(std::string_view name, std::string_view namespace_name) const {
    for (const auto& [file, pod] : names_.pods)
      for (const PublishedService& service : pod.services)
        if (service.name == name && service.namespace_name == namespace_name && is_alive(pod)) return &service;
    return nullptr;
  }

  Pods selected_by(const PublishedService& service) const {
    return pods_of(service.namespace_name, [&](const PublishedPod& pod) {
      return (pod.is_ready || service.publishes_not_ready) && matches(service, pod);
    });
  }

  bool has_namespace(std::string_view name) const {
    if (name == names_.asking_namespace) return true;
    return std::ranges::any_of(names_.pods, [&](const auto& entry) {
      return entry.second.namespace_name == name ||
             std::ranges::any_of(entry.second.services, [&](const auto& s) { return s.namespace_name == name; });
    });
  }

  // ---- answers ----

  bool is_asked(RecordType type) const {
    return question_.type == static_cast<std::uint16_t>(type) ||
           question_.type == static_cast<std::uint16_t>(RecordType::Any);
  }

  static Answer elsewhere(std::string name) { return {.outcome = Outcome::Elsewhere, .elsewhere = std::move(name)}; }
  static Answer exists_only(bool does_exist) {
    return {.outcome = does_exist ? Outcome::Found : Outcome::NoSuchName};
  }

  static Record address_record(std::string name, const pod::IpAddress& address) {
    const auto type = address.family == pod::IpFamily::V4 ? RecordType::A : RecordType::Aaaa;
    return {std::move(name), type, address};
  }

  Answer addresses_of(const Pods& pods) const {
    Answer answer;
    for (const PublishedPod* const pod : pods)
      for (const pod::IpAddress& address : pod->addresses) {
        Record record = address_record(question_.name, address);
        if (is_asked(record.type)) answer.records.push_back(std::move(record));
      }
    return answer;
  }

  /// The addresses of pods which have the asked label as an address.
  Answer at_address(const Pods& pods, std::string_view label) const {
    Answer answer{.outcome = Outcome::NoSuchName};
    for (const PublishedPod* const pod : pods)
      for (const pod::IpAddress& address : pod->addresses) {
        if (dashed(address) != label) continue;
        answer.outcome = Outcome::Found;
        Record record = address_record(question_.name, address);
        if (is_asked(record.type)) answer.records.push_back(std::move(record));
      }
    return answer;
  }

  Answer in_zone() const {
    Labels labels = labels_of(question_.name);
    labels.resize(labels.size() - 2);
    if (labels.empty()) return {};
    const std::string_view kind = labels.back();
    labels.pop_back();
    if (kind != "svc" && kind != "pod") return exists_only(false);
    if (labels.empty()) return {};
    const std::string_view namespace_name = labels.back();
    labels.pop_back();
    if (labels.empty()) return exists_only(has_namespace(namespace_name));
    if (kind == "pod") return labels.size() == 1 ? pod_at(labels[0], namespace_name) : exists_only(false);
    switch (labels.size()) {
      case 1: return by_name(labels[0], namespace_name).value_or(exists_only(false));
      case 2: return below_subdomain(labels[0], labels[1], namespace_name);
      case 3: return ports_of(labels, namespace_name);
      default: return exists_only(false);
    }
  }

  Answer pod_at(std::string_view address, std::string_view namespace_name) const {
    return at_address(pods_of(namespace_name, [](const PublishedPod&) { return true; }), address);
  }

  /// Empty: neither a Service nor a pod has the name.
  std::optional<Answer> by_name(std::string_view name, std::string_view namespace_name) const {
    if (const PublishedService* const service = service_of(name, namespace_name)) return of_service(*service);
    Pods pods = pods_of(namespace_name, [&](const PublishedPod& pod) { return pod.name == name; });
    if (pods.empty()) pods = pods_of(namespace_name, [&](const PublishedPod& pod) { return pod.hostname == name; });
    if (!pods.empty()) return addresses_of(pods);
    const Pods below = pods_of(namespace_name, [&](const PublishedPod& pod) { return pod.subdomain == name; });
    if (!below.empty()) return Answer{};
    return std::nullopt;
  }

  Answer of_service(const PublishedService& service) const {
    if (service.external_name.empty()) return addresses_of(selected_by(service));
    const std::string target = normal(service.external_name);
    const Record alias{question_.name, RecordType::Cname, NameData{target}};
    const bool is_for_addresses = question_.type == static_cast<std::uint16_t>(RecordType::A) ||
                                  question_.type == static_cast<std::uint16_t>(RecordType::Aaaa);
    Answer answer;
    if (is_for_addresses && chain_ < longest_chain)
      answer = Lookup(names_, exists_, Question{target, question_.type}, chain_ + 1).answer();
    answer.records.insert(answer.records.begin(), alias);
    return answer;
  }

  Answer below_subdomain(std::string_view host, std::string_view subdomain, std::string_view namespace_name) const {
    const auto has_it = [&](const PublishedPod& pod) {
      return pod.subdomain == subdomain && (pod.hostname.empty() ? pod.name : pod.hostname) == host;
    };
    const PublishedService* const service = service_of(subdomain, namespace_name);
    if (service == nullptr) {
      const Pods pods = pods_of(namespace_name, has_it);
      return pods.empty() ? exists_only(false) : addresses_of(pods);
    }
    if (host == "_tcp" || host == "_udp" || host == "_sctp") return {};  // SRV records are below
    Pods pods = selected_by(*service);
    Answer answer = at_address(pods, host);
    if (answer.outcome == Outcome::Found) return answer;
    std::erase_if(pods, [&](const PublishedPod* pod) { return !has_it(*pod); });
    return pods.empty() ? exists_only(false) : addresses_of(pods);
  }

  // ---- SRV ----

  Answer ports_of(const Labels& labels, std::string_view namespace_name) const {
    const PublishedService* const service = service_of(labels[2], namespace_name);
    if (service == nullptr || !labels[0].starts_with('_') || !labels[1].starts_with('_')) return exists_only(false);
    const auto port = std::ranges::find_if(service->ports, [&](const ServicePort& candidate) {
      return !candidate.name.empty() && candidate.name == labels[0].substr(1) &&
             normal(candidate.protocol) == labels[1].substr(1);
    });
    if (port == service->ports.end()) return exists_only(false);
    Answer answer;
    if (!is_asked(RecordType::Srv)) return answer;
    for (const PublishedPod* const pod : selected_by(*service)) add_srv(answer, *service, *port, *pod);
    return answer;
  }

  void add_srv(Answer& answer, const PublishedService& service, const ServicePort& port,
               const PublishedPod& pod) const {
    const auto number = target_port(port, pod);
    if (!number) return;
    const std::string suffix = "." + service.name + "." + service.namespace_name + "." + std::string(service_zone);
    const bool has_name = pod.subdomain == service.name && !pod.hostname.empty();
    if (has_name && !pod.addresses.empty())
      answer.records.push_back({question_.name, RecordType::Srv, SrvData{*number, pod.hostname + suffix}});
    for (const pod::IpAddress& address : pod.addresses) {
      const std::string target = (has_name ? pod.hostname : dashed(address)) + suffix;
      if (!has_name) answer.records.push_back({question_.name, RecordType::Srv, SrvData{*number, target}});
      answer.additional.push_back(address_record(target, address));
    }
  }

  /// A pod without the named port is no endpoint of it, as on Kubernetes.
  static std::optional<std::uint16_t> target_port(const ServicePort& port, const PublishedPod& pod) {
    if (const auto number = port_number(port.target)) return number;
    const auto named = std::ranges::find_if(pod.ports, [&](const NamedPort& candidate) {
      return candidate.name == port.target && candidate.protocol == port.protocol;
    });
    if (named == pod.ports.end()) return std::nullopt;
    return named->number;
  }

  // ---- PTR ----

  Answer by_address() const {
    for (const auto& [file, pod] : names_.pods) {
      // A pod on the host's network has no address of its own.
      if (pod.interface.empty() ||
          std::ranges::none_of(pod.addresses, [&](const auto& a) { return is_reverse_name(a, question_.name); }) ||
          !is_alive(pod))
        continue;
      const std::string host = pod.hostname.empty() ? pod.name : pod.hostname;
      const std::string name = (pod.subdomain.empty() ? pod.name : host + "." + pod.subdomain) + "." +
                               pod.namespace_name + "." + std::string(service_zone);
      Answer answer;
      if (is_asked(RecordType::Ptr)) answer.records.push_back({question_.name, RecordType::Ptr, NameData{name}});
      return answer;
    }
    return elsewhere(question_.name);
  }

  const Names& names_;
  const InterfaceExists& exists_;
  Question question_;
  int chain_;
};

}  // namespace

Answer look_up(const Names& names, const InterfaceExists& exists, const Question& question) {
  return Lookup(names, exists, {normal(question.name), question.type}, 0).answer();
}

bool is_in_zone(std::string_view name) {
  if (!name.ends_with(zone)) return false;
  name.remove_suffix(zone.size());
  return name.empty() || name.ends_with('.');
}

void rotate(std::vector<Record>& records, std::size_t turns) {
  // Aliases stay first: a client reads them in order.
  const auto first = std::ranges::find_if(records, [](const Record& r) { return r.type != RecordType::Cname; });
  if (first == records.end()) return;
  const auto count = static_cast<std::size_t>(records.end() - first);
  std::rotate(first, first + static_cast<std::ptrdiff_t>(turns % count), records.end());
}

}  // namespace podrun::resolver

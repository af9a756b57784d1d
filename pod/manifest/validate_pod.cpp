// Checks relations between the fields of a pod, as the API server does (ValidatePodSpec). A value that decode() has
// refused is empty here and is not reported again.
#include "pod/manifest/validate_pod.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "pod/spec/pod_syntax.hpp"
#include "pod/text/utf8_text.hpp"
#include "pod/yaml/yaml_path.hpp"

namespace podrun::pod {
namespace {

using yaml::find;
using yaml::item;
using yaml::Node;

class PodFields {
 public:
  PodFields(const Pod& pod, const Node& root, DiagnosticCollector& report)
      : metadata_(pod.metadata), spec_(pod.spec), node_(root.find("spec")), report_(report) {}

  /// `hostnameOverride` stands for every other way to a host name.
  void check_override() {
    const Node* override_node = find(node_, {"hostnameOverride"});
    if (spec_.hostname_override.empty() || override_node == nullptr) return;
    if (spec_.host_network)
      report_.add(override_node->at, "hostnameOverride cannot be together with hostNetwork: true");
    if (spec_.set_hostname_as_fqdn)
      report_.add(override_node->at, "hostnameOverride cannot be together with setHostnameAsFQDN: true");
  }

  /// A host name with a domain must be one that the kernel accepts. The start checks the same, for the name as it is.
  void check_full_name() {
    constexpr std::size_t longest = 64, longest_label = 63;
    const Node* place = find(node_, {"setHostnameAsFQDN"});
    const bool is_used = spec_.set_hostname_as_fqdn && !spec_.subdomain.empty() && !spec_.host_network &&
                         spec_.hostname_override.empty();
    if (!is_used || place == nullptr) return;
    const std::string& name = spec_.hostname.empty() ? metadata_.name : spec_.hostname;
    const std::size_t length = std::min(name.size(), longest_label) + 1 + spec_.subdomain.size() + 1 +
                               metadata_.namespace_name.size() + std::string_view(".svc.cluster.local").size();
    if (length > longest)
      report_.add(place->at,
                  fmt::format("the host name with its domain has {} characters; the most are {}", length, longest),
                  "shorten hostname or subdomain, or use hostnameOverride");
  }

  void check_resolver() {
    constexpr std::size_t most_servers = 3, most_searches = 32, most_characters = 2048;
    const DnsConfig& config = spec_.dns_config;
    const Node* node = find(node_, {"dnsConfig"});
    if (spec_.dns_policy == DnsPolicy::None && lacks_servers(node))
      report_.add(node != nullptr ? node->at : node_->find("dnsPolicy")->at,
                  "dnsPolicy None needs dnsConfig.nameservers, at least one");
    if (count(node, "nameservers") > most_servers)
      report_.add(node->find("nameservers")->at, fmt::format("nameservers: the most are {}", most_servers));
    if (count(node, "searches") > most_searches)
      report_.add(node->find("searches")->at, fmt::format("searches: the most are {}", most_searches));
    std::size_t characters = config.searches.empty() ? 0 : config.searches.size() - 1;
    for (const std::string& domain : config.searches) characters += domain.size();
    if (characters > most_characters)
      report_.add(node->find("searches")->at,
                  fmt::format("searches: they may have {} characters together, with a space between two; these have {}",
                              most_characters, characters));
  }

  void check_sysctls() {
    const auto& sysctls = spec_.security_context.sysctls;
    std::map<std::string_view, std::size_t> seen;  ///< names and their positions
    for (std::size_t i = 0; i < sysctls.size() && !report_.full(); ++i) {
      const std::string& name = sysctls[i].name;
      const Node* place = find(item(find(node_, {"securityContext", "sysctls"}), i), {"name"});
      if (name.empty() || place == nullptr) continue;
      const auto [first, is_new] = seen.emplace(name, place->at);
      if (!is_new)
        report_.add(place->at, fmt::format("the sysctl {} is taken", in_quotes(name)),
                    fmt::format("first on line {}", report_.line_of(first->second)));
      const Node* value = find(item(find(node_, {"securityContext", "sysctls"}), i), {"value"});
      if (const auto why = sysctl_value_error(name, sysctls[i].value); !why.empty() && value != nullptr)
        report_.add(value->at, fmt::format("value {} of the sysctl {} {}", in_quotes(sysctls[i].value), name, why),
                    "podrun's own rule: the kernel refuses it when the pod starts");
      if (const auto why = sysctl_error(name, spec_.host_network, spec_.host_ipc); !why.empty())
        report_.add(
            place->at, fmt::format("sysctl {} {}", in_quotes(name), why),
            why.starts_with("would") ? "" : "podrun's own rule: a node of Kubernetes refuses it, too, by default");
    }
  }

 private:
  /// Whether there are no nameservers. What is of another type has its own error.
  static bool lacks_servers(const Node* config) {
    if (config == nullptr || config->kind == yaml::Kind::Null) return true;
    if (config->kind != yaml::Kind::Mapping) return false;
    const Node* servers = config->find("nameservers");
    return servers == nullptr || servers->kind == yaml::Kind::Null ||
           (servers->kind == yaml::Kind::Sequence && servers->items.empty());
  }
  static std::size_t count(const Node* owner, std::string_view list) {
    const Node* node = find(owner, {list});
    return node == nullptr ? 0 : node->items.size();
  }

  const Metadata& metadata_;
  const PodSpec& spec_;
  const Node* node_;
  DiagnosticCollector& report_;
};

}  // namespace

void check_pod_fields(const Pod& pod, const Node& root, DiagnosticCollector& report) {
  if (root.find("spec") == nullptr) return;
  PodFields fields(pod, root, report);
  fields.check_override();
  fields.check_full_name();
  fields.check_resolver();
  fields.check_sysctls();
}

void check_metadata(const Metadata& metadata, const Node& node, DiagnosticCollector& report) {
  constexpr std::size_t most = 256 << 10;
  std::size_t bytes = 0;
  for (const auto& [key, value] : metadata.annotations) bytes += key.size() + value.size();
  if (const Node* annotations = node.find("annotations"); annotations != nullptr && bytes > most)
    report.add(annotations->at,
               fmt::format("annotations: keys and values may have {} bytes together; these have {}", most, bytes));
}

}  // namespace podrun::pod

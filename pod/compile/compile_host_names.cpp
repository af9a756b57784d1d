// Determines host names, /etc/hosts and /etc/resolv.conf.
#include "pod/compile/compile_host_names.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "pod/network/network_steps.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

/// `spec.hostname`, or else the pod's name, as a DNS label.
std::string short_name(const Pod& pod) {
  constexpr std::size_t longest = 63;
  std::string name = pod.spec.hostname.empty() ? pod.metadata.name : pod.spec.hostname;
  if (name.size() <= longest) return name;
  name.resize(longest);
  name.erase(name.find_last_not_of("-.") + 1);
  return name;
}

/// The fully qualified name in a cluster with the kubelet's default domain.
std::string full_name(const Pod& pod) {
  if (pod.spec.subdomain.empty()) return short_name(pod);
  return fmt::format("{}.{}.{}.svc.cluster.local", short_name(pod), pod.spec.subdomain, pod.metadata.namespace_name);
}

/// The parts of resolv.conf(5) that dnsConfig can change.
struct Resolver {
  std::vector<std::string> nameservers, searches, options;
};

void add_once(std::vector<std::string>& list, const std::string& item) {
  if (std::ranges::find(list, item) == list.end()) list.push_back(item);
}

std::string_view option_name(std::string_view option) { return option.substr(0, option.find(':')); }

/// Sets an option. Replaces an earlier option with the same name.
void set_option(std::vector<std::string>& options, const std::string& option) {
  std::erase_if(options, [&](const std::string& known) { return option_name(known) == option_name(option); });
  options.push_back(option);
}

Resolver parse_resolv_conf(const std::string& text) {
  Resolver resolver;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string keyword;
    words >> keyword;
    if (keyword == "search") resolver.searches.clear();  // the last "search" line is used
    for (std::string word; words >> word;) {
      if (keyword == "nameserver") add_once(resolver.nameservers, word);
      if (keyword == "search") add_once(resolver.searches, word);
      if (keyword == "options") set_option(resolver.options, word);
    }
  }
  return resolver;
}

/// The resolver of podrun, as the kubelet has that of a cluster: the host's options are not taken over.
Resolver resolver_of_pods(const Pod& pod, const HostFacts& facts) {
  constexpr std::string_view services = "svc.cluster.local", cluster = "cluster.local";
  Resolver resolver{.nameservers = {std::string(resolver_address)},
                    .searches = {fmt::format("{}.{}", pod.metadata.namespace_name, services), std::string(services),
                                 std::string(cluster)},
                    .options = {"ndots:5"}};
  for (const std::string& domain : parse_resolv_conf(facts.resolv_conf).searches) add_once(resolver.searches, domain);
  return resolver;
}

/// Whether a server listens on the loopback interface of the host, where no pod reaches it.
bool is_loopback_server(const std::string& server) {
  const auto address = parse_ip(server);
  return address && is_loopback(*address);
}

Resolver base_resolver(const Pod& pod, const HostFacts& facts, NameService service) {
  if (pod.spec.dns_policy == DnsPolicy::None) return {};
  if (service == NameService::Pods) return resolver_of_pods(pod, facts);
  Resolver resolver = parse_resolv_conf(facts.resolv_conf);
  if (service == NameService::HostsServers && std::ranges::any_of(resolver.nameservers, is_loopback_server) &&
      !facts.network.upstreams.empty())
    resolver.nameservers = facts.network.upstreams;
  return resolver;
}

/// Drops what exceeds the limits, as the kubelet does.
void fit(Resolver& resolver) {
  constexpr std::size_t most_servers = 3, most_searches = 32, most_characters = 2048;
  resolver.nameservers.resize(std::min(resolver.nameservers.size(), most_servers));
  resolver.searches.resize(std::min(resolver.searches.size(), most_searches));
  while (joined(resolver.searches, " ").size() > most_characters) resolver.searches.pop_back();
}

std::string line(std::string_view keyword, const std::vector<std::string>& words) {
  return words.empty() ? "" : fmt::format("{} {}\n", keyword, joined(words, " "));
}

}  // namespace

std::string hostname(const Pod& pod, const HostFacts& facts) {
  if (pod.spec.host_network) return facts.hostname;
  if (!pod.spec.hostname_override.empty()) return pod.spec.hostname_override;
  return pod.spec.set_hostname_as_fqdn ? full_name(pod) : short_name(pod);
}

Result<> check_hostname(const Pod& pod, const HostFacts& facts) {
  constexpr std::size_t longest = 64;
  const std::string name = hostname(pod, facts);
  if (name.size() <= longest) return {};
  return fail_at(pod.spec.hostname_override.empty() ? "spec.setHostnameAsFQDN" : "spec.hostnameOverride",
                 fmt::format("the host name {} has {} bytes; the most are {}", in_quotes(name), name.size(), longest));
}

std::string hosts_file(const Pod& pod, const HostFacts& facts, const Addresses& addresses) {
  std::string text = facts.hosts;
  if (!pod.spec.host_network) {
    const bool qualified = !pod.spec.subdomain.empty() && pod.spec.hostname_override.empty();
    const std::string names = qualified ? full_name(pod) + "\t" + short_name(pod) : hostname(pod, facts);
    text =
        "# Written by podrun for this pod.\n"
        "127.0.0.1\tlocalhost\n"
        "::1\tlocalhost ip6-localhost ip6-loopback\n"
        "fe00::0\tip6-localnet\n"
        "fe00::0\tip6-mcastprefix\n"
        "fe00::1\tip6-allnodes\n"
        "fe00::2\tip6-allrouters\n";
    for (const IpAddress& address : addresses.list()) text += fmt::format("{}\t{}\n", text_of(address), names);
    if (addresses == Addresses{}) text += fmt::format("127.0.0.1\t{}\n", names);
  }
  if (!pod.spec.host_aliases.empty()) text += "\n# Entries added by HostAliases.\n";
  for (const HostAlias& alias : pod.spec.host_aliases)
    text += fmt::format("{}\t{}\n", alias.ip, joined(alias.hostnames, "\t"));
  return text;
}

std::string resolv_conf(const Pod& pod, const HostFacts& facts, NameService service) {
  const DnsConfig& config = pod.spec.dns_config;
  Resolver resolver = base_resolver(pod, facts, service);
  const bool is_hosts = pod.spec.dns_policy != DnsPolicy::None && service != NameService::Pods &&
                        resolver.nameservers == parse_resolv_conf(facts.resolv_conf).nameservers;
  if (is_hosts && config.nameservers.empty() && config.searches.empty() && config.options.empty())
    return facts.resolv_conf;
  for (const std::string& server : config.nameservers) add_once(resolver.nameservers, server);
  for (const std::string& domain : config.searches) add_once(resolver.searches, domain);
  for (const auto& [name, value] : config.options)
    set_option(resolver.options, value.empty() ? name : name + ":" + value);
  fit(resolver);
  std::string text = line("search", resolver.searches);
  for (const std::string& server : resolver.nameservers) text += line("nameserver", {server});
  return text + line("options", resolver.options);
}

}  // namespace podrun::pod

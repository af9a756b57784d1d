// Determines host names, /etc/hosts and /etc/resolv.conf.
#include "pod/compile/compile_host_names.hpp"

#include <algorithm>
#include <sstream>
#include <string_view>
#include <vector>

#include <fmt/format.h>

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

std::string hosts_file(const Pod& pod, const HostFacts& facts) {
  std::string text = facts.hosts;
  if (!pod.spec.host_network) {
    const std::string name = hostname(pod, facts);
    const bool qualified = !pod.spec.subdomain.empty() && pod.spec.hostname_override.empty();
    text = fmt::format(
        "# Written by podrun for this pod.\n"
        "127.0.0.1\tlocalhost\n"
        "::1\tlocalhost ip6-localhost ip6-loopback\n"
        "fe00::0\tip6-localnet\n"
        "fe00::0\tip6-mcastprefix\n"
        "fe00::1\tip6-allnodes\n"
        "fe00::2\tip6-allrouters\n"
        "127.0.0.1\t{}\n",
        qualified ? full_name(pod) + "\t" + short_name(pod) : name);
  }
  if (!pod.spec.host_aliases.empty()) text += "\n# Entries added by HostAliases.\n";
  for (const HostAlias& alias : pod.spec.host_aliases)
    text += fmt::format("{}\t{}\n", alias.ip, joined(alias.hostnames, "\t"));
  return text;
}

std::string resolv_conf(const Pod& pod, const HostFacts& facts) {
  const DnsConfig& config = pod.spec.dns_config;
  const bool none = pod.spec.dns_policy == DnsPolicy::None;
  if (!none && config.nameservers.empty() && config.searches.empty() && config.options.empty())
    return facts.resolv_conf;
  Resolver resolver = none ? Resolver{} : parse_resolv_conf(facts.resolv_conf);
  for (const std::string& server : config.nameservers) add_once(resolver.nameservers, server);
  for (const std::string& domain : config.searches) add_once(resolver.searches, domain);
  for (const auto& [name, value] : config.options)
    set_option(resolver.options, value.empty() ? name : name + ":" + value);
  std::string text = line("search", resolver.searches);
  for (const std::string& server : resolver.nameservers) text += line("nameserver", {server});
  return text + line("options", resolver.options);
}

}  // namespace podrun::pod

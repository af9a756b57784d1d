// How the pods of the host are connected, as text and as JSON.
#include "supervisor/show/network_view.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "pod/json/json.hpp"
#include "pod/text/joined.hpp"
#include "supervisor/core/text_table.hpp"

namespace podrun::supervisor {
namespace {

namespace json = pod::json;
using json::object;
using Json = json::Value;
using Rows = std::vector<std::vector<std::string>>;

bool selects(const resolver::PublishedService& service, const resolver::PublishedPod& pod) {
  if (service.selector.empty() || service.namespace_name != pod.namespace_name) return false;
  return std::ranges::all_of(service.selector, [&](const auto& wanted) {
    const auto label = pod.labels.find(wanted.first);
    return label != pod.labels.end() && label->second == wanted.second;
  });
}

std::string or_none(const std::vector<std::string>& words) { return words.empty() ? "none" : pod::joined(words, ", "); }

void add_family(Rows& rows, pod::IpFamily family, const std::optional<pod::IpPrefix>& subnet, bool masquerade,
                const std::string& why_not) {
  rows.push_back({std::string(pod::name_of(family)), subnet ? pod::text_of(*subnet) : "off: " + why_not});
  if (!subnet) return;
  rows.push_back({"", fmt::format("gateway {}; {}", pod::text_of(pod::nth_address(*subnet, 1)),
                                  masquerade ? "what leaves the host has the host's address"
                                             : "what leaves the host keeps the pod's address")});
}

Rows host_rows(const NetworkView& view) {
  Rows rows;
  const pod::NetworkFacts& facts = view.facts;
  if (facts.has_pods_network) {
    add_family(rows, pod::IpFamily::V4, facts.ipv4, facts.masquerade_ipv4, facts.why_no_ipv4);
    add_family(rows, pod::IpFamily::V6, facts.ipv6, facts.masquerade_ipv6, facts.why_no_ipv6);
    rows.push_back({"MTU", std::to_string(facts.mtu)});
  } else {
    rows.push_back({"network", "none: " + facts.why_not});
  }
  rows.push_back({"resolvers", or_none(facts.upstreams)});
  rows.push_back({"changed for pods", or_none(view.changed)});
  return rows;
}

Rows pod_rows(const NetworkView& view) {
  Rows rows{{"POD", "INTERFACE", "ADDRESSES", "PORTS", "NAMES"}};
  for (const ConnectedPod& pod : view.pods) {
    if (pod.networks.empty())
      rows.push_back({pod.name, "<none>", pod.host_network ? "the host's" : "<none>", "<none>", or_none(pod.names)});
    for (const NetworkRecord& network : pod.networks) {
      std::vector<std::string> ports;
      for (const pod::PublishedPort& port : network.ports) ports.push_back(text_of(port));
      rows.push_back({network.container.empty() ? pod.name : pod.name + "/" + network.container, network.interface,
                      or_none(texts_of(network.addresses)), or_none(ports),
                      network.container.empty() ? or_none(pod.names) : ""});
    }
  }
  return rows;
}

Json texts_json(const std::vector<std::string>& texts) {
  Json list = json::array();
  for (const std::string& text : texts) list.push_back(text);
  return list;
}

Json family_json(const std::optional<pod::IpPrefix>& subnet, bool masquerade, const std::string& why_not) {
  if (!subnet) return object({{"enabled", false}, {"reason", why_not}});
  return object({{"enabled", true},
                 {"subnet", pod::text_of(*subnet)},
                 {"gateway", pod::text_of(pod::nth_address(*subnet, 1))},
                 {"masquerade", masquerade}});
}

Json json_of(const ConnectedPod& pod) {
  Json networks = json::array();
  for (const NetworkRecord& network : pod.networks) networks.push_back(to_json(network));
  return object({{"name", pod.name},
                 {"hostNetwork", pod.host_network},
                 {"networks", std::move(networks)},
                 {"names", texts_json(pod.names)}});
}

}  // namespace

std::vector<std::string> names_of(const resolver::PublishedPod& pod, const std::vector<resolver::PublishedPod>& all) {
  std::vector<std::string> names{pod.name};
  const auto add = [&](const std::string& name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(name);
  };
  add(pod.hostname);
  if (!pod.subdomain.empty()) add(pod.hostname + "." + pod.subdomain);
  for (const resolver::PublishedPod& each : all)
    for (const resolver::PublishedService& service : each.services)
      if (selects(service, pod)) add(service.name);
  return names;
}

std::string to_text(const NetworkView& view) {
  std::string text = aligned(host_rows(view));
  if (!view.pods.empty()) text += "\n" + aligned(pod_rows(view));
  if (!view.obstacles.empty()) text += "\nIn the way:\n";
  for (const ns::FirewallObstacle& obstacle : view.obstacles) {
    text += fmt::format("  {}\n", obstacle.what);
    if (!obstacle.cure.empty()) text += fmt::format("    {}\n", obstacle.cure);
  }
  return text;
}

std::string to_json(const NetworkView& view) {
  const pod::NetworkFacts& facts = view.facts;
  Json obstacles = json::array(), pods = json::array();
  for (const ns::FirewallObstacle& obstacle : view.obstacles)
    obstacles.push_back(object({{"what", obstacle.what}, {"cure", obstacle.cure}}));
  for (const ConnectedPod& pod : view.pods) pods.push_back(json_of(pod));
  Json whole = object({{"ipv4", family_json(facts.ipv4, facts.masquerade_ipv4, facts.why_no_ipv4)},
                       {"ipv6", family_json(facts.ipv6, facts.masquerade_ipv6, facts.why_no_ipv6)},
                       {"mtu", facts.mtu},
                       {"resolvers", texts_json(facts.upstreams)},
                       {"changedSettings", texts_json(view.changed)},
                       {"pods", std::move(pods)},
                       {"obstacles", std::move(obstacles)}});
  if (!facts.has_pods_network) whole["reason"] = facts.why_not;
  return json::dump_lines(whole, 2);
}

}  // namespace podrun::supervisor

// Other firewalls: which of their chains stop pods' traffic, and what lets it pass.
#include "namespaces/network/firewall.hpp"

#include <linux/netlink.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "pod/text/joined.hpp"

namespace podrun::ns {
namespace {

/// A chain without a hook by which a firewall is recognized.
struct Mark {
  std::string_view family, table, chain;
};
constexpr Mark firewalld_zone{"inet", "firewalld", "filter_FWD_podrun"};
constexpr std::array marks{Mark{"ip", "filter", "DOCKER-USER"},      Mark{"ip6", "filter", "DOCKER-USER"},
                           Mark{"ip", "filter", "ufw-user-forward"}, Mark{"ip6", "filter", "ufw6-user-forward"},
                           Mark{"ip", "filter", "LIBVIRT_FWI"},      firewalld_zone};

std::string text_of(const Mark& mark) { return fmt::format("{} {} {}", mark.family, mark.table, mark.chain); }
std::string text_of(const BaseChain& chain) { return fmt::format("{} {} {}", chain.family, chain.table, chain.name); }

bool contains(const std::vector<std::string>& texts, std::string_view text) {
  return std::ranges::find(texts, text) != texts.end();
}

/// Lets packets from and to pods pass in a chain of iptables(8).
std::string iptables_cure(std::string_view program) {
  return fmt::format("{0} -I FORWARD -i podrun+ -j ACCEPT && {0} -I FORWARD -o podrun+ -j ACCEPT", program);
}

/// What the chain FORWARD of iptables drops by its policy.
FirewallObstacle forward_policy(const BaseChain& chain, const std::vector<std::string>& names) {
  const bool is_ipv4 = chain.family == "ip";
  const std::string what = fmt::format("the policy of \"{}\" is drop", text_of(chain));
  if (contains(names, chain.family + " filter DOCKER-USER"))
    return {what + " (Docker), and podrun lets each pod pass in DOCKER-USER", ""};
  if (contains(names, is_ipv4 ? "ip filter ufw-user-forward" : "ip6 filter ufw6-user-forward"))
    return {what + " (ufw)", "ufw route allow in on podrun+ && ufw route allow out on podrun+"};
  return {what, iptables_cure(is_ipv4 ? "iptables" : "ip6tables")};
}

/// What a chain at the hook forward drops, if it does.
std::optional<FirewallObstacle> obstacle_of(const BaseChain& chain, const std::vector<std::string>& names) {
  if (chain.table == "firewalld" && chain.family == "inet" && !contains(names, text_of(firewalld_zone)))
    return FirewallObstacle{
        "firewalld rejects what pods send to other machines and to each other",
        "firewall-cmd --reload loads the zone that podrun brings, lib/firewalld/zones/podrun.xml. To make it by hand: "
        "firewall-cmd --permanent --new-zone=podrun && firewall-cmd --permanent --zone=podrun --set-target=ACCEPT && "
        "firewall-cmd --permanent --zone=podrun --add-interface=podrun+ && firewall-cmd --reload"};
  if (!chain.drops) return std::nullopt;
  if (chain.table == "filter" && chain.name == "FORWARD" && chain.family != "inet")
    return forward_policy(chain, names);
  return FirewallObstacle{
      fmt::format("the policy of \"{}\" is drop", text_of(chain)),
      fmt::format("nft 'insert rule {0} iifname \"podrun*\" accept; insert rule {0} oifname \"podrun*\" accept'",
                  text_of(chain))};
}

}  // namespace

std::vector<FirewallObstacle> find_obstacles(const FirewallState& state) {
  std::vector<FirewallObstacle> obstacles;
  for (const BaseChain& chain : state.chains) {
    const bool is_routed = chain.family == "ip" || chain.family == "ip6" || chain.family == "inet";
    if (!chain.is_forward || !is_routed) continue;
    if (auto obstacle = obstacle_of(chain, state.names)) obstacles.push_back(std::move(*obstacle));
  }
  const bool has_libvirt = contains(state.names, "ip filter LIBVIRT_FWI") ||
                           std::ranges::any_of(state.chains, [](const BaseChain& chain) {
                             return chain.table == "libvirt_network";
                           });
  if (has_libvirt)
    obstacles.push_back({"libvirt rejects new connections from pods to the guests of its NAT networks",
                         "give these guests a network with <forward mode=\"open\"/>, virsh net-edit"});
  if (!state.legacy.empty())
    obstacles.push_back({fmt::format("iptables-legacy has tables ({}), which nf_tables does not show: they may drop "
                                     "what pods send and receive",
                                     pod::joined(state.legacy, ", ")),
                         "if iptables-legacy -S FORWARD shows that they do: " + iptables_cure("iptables-legacy")});
  return obstacles;
}

Result<FirewallState> read_firewalls(const std::string& root) {
  FirewallState state;
  auto nfnetlink = TRY(NetlinkSocket::open(NETLINK_NETFILTER));
  state.chains = TRY(base_chains(nfnetlink));
  for (const Mark& mark : marks)
    if (TRY(has_chain(nfnetlink, std::string(mark.family), std::string(mark.table), std::string(mark.chain))))
      state.names.push_back(text_of(mark));
  // A kernel without iptables-legacy has no such files. Each line is the name of a table.
  for (const char* family : {"ip", "ip6"}) {
    const std::string tables = read_file(fmt::format("{}/proc/net/{}_tables_names", root, family)).value_or("");
    for (std::size_t at = 0; at < tables.size();) {
      const std::size_t end = std::min(tables.find('\n', at), tables.size());
      if (end > at) state.legacy.push_back(fmt::format("{} {}", family, tables.substr(at, end - at)));
      at = end + 1;
    }
  }
  return state;
}

}  // namespace podrun::ns

// Converts the steps of a network to shell.
#include "pod/script/script_network.hpp"

#include <fmt/format.h>

#include "pod/network/pod_table.hpp"
#include "pod/plan/enum_names.hpp"

namespace podrun::pod::script {
namespace {

constexpr std::string_view owner_line = "  flags owner\n";

/// The table without an owner, which would be the nft process.
std::string without_owner(std::string text) {
  for (auto at = text.find(owner_line); at != text.npos; at = text.find(owner_line)) text.erase(at, owner_line.size());
  return text;
}

/// The Ethernet addresses of the ends.
constexpr std::string_view host_mac = "02:70:6f:64:00:01";
std::string pod_mac(const Addresses& addresses) {
  const auto all = addresses.list();
  const auto last = all.at(0).bytes().last(2);
  return fmt::format("02:70:6f:65:{:02x}:{:02x}", last[0], last[1]);
}

class NetworkScript {
 public:
  NetworkScript(PodScript& pod, const NetworkPlan& plan, std::string_view process)
      : pod_(pod), plan_(plan), process_(process) {}

  std::string text() && {
    lines_ << "command -v ip nft > /dev/null || die \"the network needs ip(8) and nft(8)\"";
    if (!plan_.ports.empty())
      explain(
          "podrun also holds the ports of the host, so that nobody else takes them, and serves 127.0.0.1 and ::1 by "
          "podrun-forwarder. Here they answer at the host's other addresses.");
    for (const NetworkStep& step : plan_.steps) {
      lines_.step(describe(step));
      std::visit(*this, step);
    }
    return lines_.text();
  }

  void operator()(const network::HostSetting& s) {
    const std::string path = word(sysctl_path(s.name));
    lines_ << fmt::format("undo \"echo $(cat {0}) > {0}\"\necho {1} > {0}", path, word(s.value));
  }
  void operator()(const network::Link& s) {
    lines_ << fmt::format("ip link add {0} mtu {1} address {4} type veth peer name eth0 mtu {1} netns {2}\n"
                          "undo \"ip link delete {0} 2> /dev/null\"\n"
                          "ip link set {0} addrgenmode none alias {3}\n"
                          "nsenter --target {2} --net ip link set eth0 addrgenmode none",
                          s.interface, s.mtu, process_, word(s.alias), host_mac);
  }
  void operator()(const network::PodEnd& s) {
    for (const IpAddress& address : s.addresses.list())
      in_namespace("ip address add {} dev eth0", address_word(address));
    in_namespace("ip link set eth0 address {} up", pod_mac(s.addresses));
    explain("Neither end has a link-local address, by which IPv6 would look for the other: each is told where it is.");
    for (const IpAddress& gateway : s.gateways.list()) {
      in_namespace(fmt::format("ip neighbour add {{}} lladdr {} dev eth0 nud permanent", host_mac), text_of(gateway));
      in_namespace("ip route add {} dev eth0", text_of(only(gateway)));
      if (gateway.family == IpFamily::V4) in_namespace("ip route add default via {}", text_of(gateway));
      else in_namespace("ip -6 route add default via {}", text_of(gateway));
    }
  }
  void operator()(const network::HostEnd& s) {
    for (const IpAddress& gateway : s.gateways.list())
      lines_ << fmt::format("ip address add {} dev {}", address_word(gateway), s.interface);
    lines_ << fmt::format("ip link set {} up", s.interface);
    for (const IpAddress& address : s.addresses.list())
      lines_ << fmt::format("ip neighbour add {} lladdr {} dev {} nud permanent", text_of(address),
                            pod_mac(s.addresses), s.interface)
             << fmt::format("ip route add {} dev {}", text_of(only(address)), s.interface);
  }
  void operator()(const network::Filter& s) {
    explain(
        "podrun's table has an owner: nobody else can change it, and it ends with the pause, which holds the socket "
        "that made it. A shell can hold none.");
    const nft::Table table = plan_.ports.empty() ? s.table : table_without_sockets(plan_);
    if (!plan_.ports.empty())
      explain(
          "podrun's rules find the pod by the socket of its port, which the pause holds, too. Here the pod's own table "
          "translates all of its ports.");
    lines_ << fmt::format("nft -f - <<'END'\n{0}END", without_owner(nft::text_of(table)));
    if (nft::has_inet_table(table)) lines_ << fmt::format("undo 'nft delete table inet {}'", table.name);
    if (nft::has_netdev_table(table)) lines_ << fmt::format("undo 'nft delete table netdev {}'", table.name);
  }
  void operator()(const network::SharedFilter& s) {
    explain("This table is that of all pods: the first one makes it, the last one takes it away.");
    lines_ << fmt::format("nft list table inet {0} > /dev/null 2>&1 || nft -f - <<'END'\n{1}END\n"
                          "undo 'ip -br link show | grep \"^podrun[0-9]\" | grep -qv \"^{2}@\" ||"
                          " nft delete table inet {0}'",
                          s.table.name, without_owner(nft::text_of(s.table)), plan_.interface);
  }
  void operator()(const network::DockerRule& s) {
    for (const std::string_view direction : {"iifname", "oifname"})
      lines_ << fmt::format("nft insert rule {} filter DOCKER-USER {} {} accept comment '\"{}\"'", s.family, direction,
                            s.interface, s.comment);
    lines_ << fmt::format("undo \"nft -a list chain {0} filter DOCKER-USER | sed -n 's|.*{1}. # handle ||p' |"
                          " xargs -rn 1 nft delete rule {0} filter DOCKER-USER handle\"",
                          s.family, s.comment);
  }
  void operator()(const network::ForgetConnections& s) {
    for (const PublishedPort& port : s.ports)
      lines_ << fmt::format("! command -v conntrack > /dev/null || conntrack -D -p udp --orig-port-dst {} 2> /dev/null "
                            "|| true",
                            port.host_port);
  }
  void operator()(const network::Resolver&) {
    explain("A shell serves no names: here nothing answers at that address.");
  }

 private:
  /// An address alone, at once usable: nobody else is on the link.
  static std::string address_word(const IpAddress& address) {
    return text_of(only(address)) + (address.family == IpFamily::V6 ? " nodad" : "");
  }

  void explain(std::string_view reason) { pod_.reasons.give(lines_, reason); }

  /// Adds a command for the namespace, whose {} is the argument.
  void in_namespace(std::string_view command, const std::string& argument) {
    lines_ << fmt::format("nsenter --target {} --net {}", process_, fmt::format(fmt::runtime(command), argument));
  }

  PodScript& pod_;
  const NetworkPlan& plan_;
  std::string_view process_;
  Lines lines_;
};

}  // namespace

std::string network(PodScript& pod, const NetworkPlan& plan, std::string_view process) {
  return NetworkScript(pod, plan, process).text();
}

}  // namespace podrun::pod::script

// Reads what the network of pods depends on. This is on the way of each start: what is long on some hosts is read only
// where something depends on it, and no further than needed.
#include "namespaces/network/network_facts.hpp"

#include <fcntl.h>
#include <linux/netlink.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <optional>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/network/kernel_network.hpp"
#include "namespaces/network/network_choice.hpp"
#include "namespaces/paths/directory_handle.hpp"

namespace podrun::ns {
namespace {

constexpr std::string_view ipv4_forwarding = "net/ipv4/ip_forward", ipv6_forwarding = "net/ipv6/conf/all/forwarding";

/// A host may have a million routes. Of IPv4, those up to the last candidate are read.
constexpr std::size_t longest_table = 64 << 20, longest_ipv6_table = 16 << 20;

bool contains(const std::vector<std::string>& texts, std::string_view text) {
  return std::ranges::find(texts, text) != texts.end();
}

std::string text_of_file(const std::string& root, std::string_view path) {
  return read_file(fmt::format("{}/{}", root, path), longest_ipv6_table).value_or("");
}

pod::IpAddress last_address(const pod::IpPrefix& ipv4) {
  return nth_address(ipv4, ipv4.length >= 32 ? 0 : ~std::uint32_t{0} >> ipv4.length);
}

/// Reads the facts, from one part to the next.
class Reader {
 public:
  Reader(const pod::NetworkConfig& config, const std::vector<std::string>& leased, const std::string& root,
         FactsFor purpose)
      : config_(config), leased_(leased), root_(root), purpose_(purpose) {}

  pod::NetworkFacts read() {
    facts_.masquerade_ipv4 = config_.ipv4.masquerade;
    facts_.masquerade_ipv6 = config_.ipv6.masquerade;
    facts_.upstreams = read_upstreams(root_);
    // The order is that of the reasons: what is said first is what has to be changed first.
    for (const auto& part : {&Reader::read_kernel, &Reader::read_ipv4, &Reader::read_ipv6, &Reader::read_mtu,
                             &Reader::read_closed, &Reader::check_writable, &Reader::read_docker})
      if (facts_.has_pods_network) (this->*part)();
    return std::move(facts_);
  }

 private:
  std::string text(std::string_view path) const { return text_of_file(root_, path); }
  /// The number in a kernel parameter; empty if there is none of that name.
  std::optional<int> parameter(std::string_view name) const {
    const std::string value = text(fmt::format("proc/sys/{}", name));
    if (value.empty()) return std::nullopt;
    return std::atoi(value.c_str());
  }
  bool is_leased(std::string_view name) const { return contains(leased_, name); }
  void refuse(const std::string& why) {
    facts_.has_pods_network = false;
    facts_.why_not = why;
  }

  /// What the kernel can, and lets this process do.
  void read_kernel() {
    auto opened = NetlinkSocket::open(NETLINK_ROUTE);
    auto filters = NetlinkSocket::open(NETLINK_NETFILTER);
    if (!opened || !filters) return refuse("the kernel has no nf_tables (netlink)");
    rtnetlink_.emplace(std::move(*opened));
    nfnetlink_.emplace(std::move(*filters));
    if (const auto veth = check_veth(*rtnetlink_); !veth) {
      const int number = veth.error().number;
      if (number == EPERM && purpose_ == FactsFor::Plan) return;
      if (number == EPERM) return refuse("podrun may not make network interfaces here: it has not CAP_NET_ADMIN");
      if (number == EOPNOTSUPP) return refuse("the kernel has no veth, the pairs of interfaces that connect pods");
      return refuse("network interfaces cannot be made here: " + veth.error().message);
    }
  }

  /// Reads /proc/net/route, which is sorted, up to `last`.
  std::vector<HostRoute> ipv4_routes(const pod::IpAddress& last) const {
    const Fd file(::open((root_ + "/proc/net/route").c_str(), O_RDONLY | O_CLOEXEC));
    std::string table;
    for (ssize_t size = 1; file && size > 0 && table.size() < longest_table;) {
      const std::size_t before = table.size();
      table.resize(before + (32 << 10));
      size = ::read(file.get(), table.data() + before, table.size() - before);
      table.resize(before + static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
      if (last_ipv4_destination(table) > last) break;
    }
    return parse_ipv4_routes(table);
  }

  /// Whether pods use a subnet: the address of its gateway lies on their interfaces. The tables of the host, which have
  /// a route for each of them, were read then.
  bool has_pods(const pod::IpPrefix& subnet) {
    const auto route = find_route(*rtnetlink_, nth_address(subnet, 1));
    return route && *route && is_of_a_pod((*route)->interface);
  }

  /// Adds the route that packets to an address take by other tables than the main one, ip-rule(8).
  void add_route_to(const pod::IpAddress& address, std::vector<HostRoute>& routes) {
    const auto found = find_route(*rtnetlink_, address);
    if (!found || !*found) return;
    pod::IpPrefix to{address, (*found)->length};
    for (unsigned i = to.length; i < address.bits(); ++i)
      to.address.octets[i / 8] &= static_cast<std::uint8_t>(~(0x80U >> i % 8));
    routes.push_back({(*found)->interface, to});
  }

  void read_ipv4() {
    if (!config_.ipv4.enabled) {
      facts_.why_no_ipv4 = fmt::format("IPv4 is switched off in {}", network_config_file);
      return;
    }
    const auto& configured = config_.ipv4.subnet;
    if (!has_pods(configured.value_or(ipv4_candidates().front())))
      ipv4_ = ipv4_routes(last_address(configured.value_or(ipv4_candidates().back())));
    constexpr pod::IpAddress internet{pod::IpFamily::V4, {203, 0, 113, 1}};  // of examples, RFC 5737: nobody's
    add_route_to(internet, ipv4_);
    Subnet subnet = choose_ipv4(config_.ipv4.subnet, ipv4_);
    while (subnet) {
      const auto chosen = *subnet;
      add_route_to(chosen.address, ipv4_);
      subnet = choose_ipv4(config_.ipv4.subnet, ipv4_);
      if (subnet && *subnet == chosen) break;
    }
    if (!subnet) return refuse(subnet.error());
    facts_.ipv4 = *subnet;
    const bool is_off = parameter(ipv4_forwarding).value_or(0) == 0;
    closes_ipv4_ = is_off || is_leased(ipv4_forwarding);
  }

  void read_ipv6() {
    if (!config_.ipv6.enabled)
      facts_.why_no_ipv6 = fmt::format("IPv6 is switched off in {}", network_config_file);
    else
      facts_.why_no_ipv6 = ns::why_no_ipv6(ipv6_state());
    if (!facts_.why_no_ipv6.empty()) {
      if (!facts_.ipv4) refuse(fmt::format("pods would have no address: {}, and {}", facts_.why_no_ipv4,
                                           facts_.why_no_ipv6));
      return;
    }
    std::vector<HostRoute> routes;
    if (config_.ipv6.subnet && !has_pods(*config_.ipv6.subnet))
      routes = parse_ipv6_routes(text("proc/net/ipv6_route"));
    const std::string seed = machine_id();
    Subnet subnet = choose_ipv6(config_.ipv6.subnet, routes, seed);
    while (subnet) {
      const auto chosen = *subnet;
      for (const std::uint32_t number : {0U, 1U}) add_route_to(nth_address(chosen, number), routes);
      subnet = choose_ipv6(config_.ipv6.subnet, routes, seed);
      if (subnet && *subnet == chosen) break;
    }
    if (!subnet) return refuse(subnet.error());
    facts_.ipv6 = *subnet;
    read_ipv6_settings();
  }

  Ipv6State ipv6_state() {
    Ipv6State state{.exists = parameter(ipv6_forwarding).has_value()};
    for (const char* name : {"net/ipv6/conf/all/disable_ipv6", "net/ipv6/conf/default/disable_ipv6"})
      if (parameter(name).value_or(0) != 0 && state.disabled_by.empty()) state.disabled_by = name;
    std::ranges::replace(state.disabled_by, '/', '.');
    state.is_forwarded = parameter(ipv6_forwarding).value_or(0) != 0 && !is_leased(ipv6_forwarding);
    if (!state.exists || state.is_forwarded) return state;
    state.has_pods = has_pods(config_.ipv6.subnet.value_or(ipv6_candidates(machine_id()).front()));
    if (!state.has_pods) state.addresses = parse_ipv6_addresses(text("proc/net/if_inet6"));
    return state;
  }

  std::string machine_id() const {
    const std::string id = text("etc/machine-id");  // "uninitialized" in an image
    return id.size() >= 32 ? id.substr(0, 32) : text("proc/sys/kernel/random/boot_id");
  }

  void read_ipv6_settings() {
    const bool is_off = parameter(ipv6_forwarding).value_or(0) == 0;
    closes_ipv6_ = is_off || is_leased(ipv6_forwarding);
    if (is_off) {
      std::vector<RouterListener> listeners;
      for (std::string& name : uplinks(ipv4_, parse_ipv6_routes(text("proc/net/ipv6_route")))) {
        const std::string conf = fmt::format("net/ipv6/conf/{}/", name);
        listeners.push_back({std::move(name), parameter(conf + "forwarding").value_or(0) != 0,
                             parameter(conf + "accept_ra").value_or(0)});
      }
      facts_.settings = ipv6_forwarding_settings(listeners);
    } else if (closes_ipv6_) {
      for (const std::string& name : leased_)
        if (name.starts_with("net/ipv6/") && name.ends_with("/accept_ra")) facts_.settings.push_back({name, "2"});
      facts_.settings.push_back({std::string(ipv6_forwarding), "1"});
    }
  }

  void read_mtu() {
    const auto way = std::ranges::find_if(
        ipv4_, [](const HostRoute& route) { return !is_specific(pod::IpFamily::V4, route.to.length); });
    std::string interface = way == ipv4_.end() ? "" : way->interface;
    if (interface.empty() && facts_.ipv6) {
      constexpr pod::IpAddress internet{pod::IpFamily::V6, {0x20}};  // 2000::/3
      if (const auto found = find_route(*rtnetlink_, internet); found && *found) interface = (*found)->interface;
    }
    facts_.mtu = config_.mtu.value_or(mtu_of(*rtnetlink_, interface).value_or(facts_.mtu));
    constexpr std::uint32_t least_of_ipv6 = 1280;  // RFC 8200
    if (!facts_.ipv6 || facts_.mtu >= least_of_ipv6) return;
    facts_.why_no_ipv6 = fmt::format("the MTU of pods is {}, and IPv6 needs {}", facts_.mtu, least_of_ipv6);
    drop_ipv6();
  }

  void drop_ipv6() {
    facts_.ipv6.reset();
    facts_.settings.clear();  // so far all are for IPv6
    closes_ipv6_ = false;
    if (!facts_.ipv4) refuse("pods would have no address: " + facts_.why_no_ipv6);
  }

  void read_closed() {
    if (!closes_ipv4_ && !closes_ipv6_) return;
    DirectoryHandle interfaces(root_ + "/proc/sys", "net/ipv4/conf");
    (void)interfaces.open();  // then it has no names
    std::vector<std::string> names = interfaces.names();
    std::erase_if(names, [](const std::string& name) {
      return name == "all" || name == "default" || name == "lo" || is_of_a_pod(name);
    });
    std::ranges::sort(names);
    if (closes_ipv4_) facts_.closed_ipv4 = names;
    if (closes_ipv6_) facts_.closed_ipv6 = names;
  }

  /// What has to be written must be writable.
  void check_writable() {
    struct statvfs parameters {};
    const bool is_read_only =
        ::statvfs((root_ + "/proc/sys").c_str(), &parameters) == 0 && (parameters.f_flag & ST_RDONLY) != 0;
    if (is_read_only && closes_ipv6_ && !facts_.settings.empty()) {
      facts_.why_no_ipv6 = "net.ipv6.conf.all.forwarding would have to be 1, and /proc/sys is read-only here";
      facts_.closed_ipv6.clear();
      drop_ipv6();
    }
    if (!closes_ipv4_) return;
    if (is_read_only) return refuse("net.ipv4.ip_forward has to be 1, and /proc/sys is read-only here");
    facts_.settings.push_back({std::string(ipv4_forwarding), "1"});
  }

  void read_docker() {
    for (const char* family : {"ip", "ip6"}) {
      if (!(family == std::string_view("ip") ? facts_.ipv4 : facts_.ipv6)) continue;
      const auto has = has_chain(*nfnetlink_, family, "filter", "DOCKER-USER");
      if (!has && has.error().number == EPERM && purpose_ == FactsFor::Plan) return;
      if (!has && has.error().number == EINVAL) return refuse("the kernel has no nf_tables");
      if (!has) return refuse("nf_tables cannot be used here: " + has.error().message);
      if (*has) facts_.docker_families.emplace_back(family);
    }
  }

  const pod::NetworkConfig& config_;
  const std::vector<std::string>& leased_;
  const std::string& root_;
  FactsFor purpose_;
  pod::NetworkFacts facts_;
  std::optional<NetlinkSocket> rtnetlink_, nfnetlink_;
  std::vector<HostRoute> ipv4_;
  bool closes_ipv4_ = false, closes_ipv6_ = false;  ///< podrun turns forwarding on, or another pod has
};

}  // namespace

std::vector<std::string> read_upstreams(const std::string& root) {
  const auto hosts = parse_nameservers(text_of_file(root, "etc/resolv.conf"));
  auto chosen = choose_upstreams(hosts, {});
  if (chosen != hosts || hosts.empty()) return chosen;
  return choose_upstreams(hosts, parse_nameservers(text_of_file(root, "run/systemd/resolve/resolv.conf")));
}

pod::NetworkFacts read_network_facts(const pod::NetworkConfig& config, const std::vector<std::string>& leased,
                                     const std::string& root, FactsFor purpose) {
  return Reader(config, leased, root, purpose).read();
}

}  // namespace podrun::ns

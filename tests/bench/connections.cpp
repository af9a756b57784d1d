// A new connection while one pod runs, and while hundreds do: from another machine to a port of the host, from the host to
// a pod, and from the host to its own port. The pod is the first one: whatever the kernel looks through for each, that
// pod's part is the last.
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <signal.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <random>

#include <fmt/format.h>

#include "namespaces/netlink/route_messages.hpp"
#include "namespaces/network/network_namespace.hpp"
#include "tests/bench/measurements.hpp"

namespace podrun::bench {
namespace {

constexpr std::size_t many_pods = 200;
constexpr int rounds = 5, connections = 1000;
constexpr std::uint16_t first_port = 20000, port_of_pod = 80;
constexpr char host_address[] = "192.0.2.1", client_address[] = "192.0.2.2";

/// One way to reach the pod.
struct Way {
  const char *name, *what;
  int network_namespace;  ///< of the client
  sockaddr_in to;
  std::vector<double> few{}, many{};  // µs
};

sockaddr_in socket_address(const std::string& address, std::uint16_t port) {
  sockaddr_in name{};
  name.sin_family = AF_INET;
  name.sin_port = htons(port);
  ::inet_pton(AF_INET, address.c_str(), &name.sin_addr);
  return name;
}

const sockaddr* pointer_to(const sockaddr_in& name) { return reinterpret_cast<const sockaddr*>(&name); }

/// A network namespace with the client's end of a wire to the host.
Result<Fd> make_client() {
  const Fd home(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  if (!home || ::unshare(CLONE_NEWNET) < 0) return fail_system("unshare");
  Fd client(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  if (::setns(home.get(), CLONE_NEWNET) < 0 || !client) return fail_system("setns");
  auto here = TRY(ns::NetlinkSocket::open(NETLINK_ROUTE)), there = TRY(ns::open_route_socket_in(client.get()));
  ns::NetlinkBatch pair;
  ns::add_veth_pair(pair, {.host_end = "lan", .pod_end = "eth0", .host_mac = {2, 0, 0, 0, 0, 9}, .mtu = 1500,
                           .network_namespace = client.get()});
  TRY_VOID(here.send(pair));
  const auto set_up = [](ns::NetlinkSocket& socket, const char* name, const char* own, const char* other) -> Result<> {
    const ns::Interface interface{TRY(socket.interface_index(name)), name};
    ns::NetlinkBatch batch;
    ns::bring_up(batch, interface);
    if (std::string(name) == "eth0") ns::add_address(batch, interface, *pod::parse_ip(own), ns::AddressScope::Global);
    ns::put_route(batch, {.destination = pod::only(*pod::parse_ip(other)), .interface = interface,
                          .source = *pod::parse_ip(own)});
    return socket.send(batch);
  };
  TRY_VOID(set_up(there, "eth0", client_address, host_address));
  TRY_VOID(set_up(here, "lan", host_address, client_address));
  return client;
}

/// A server in the network of a pod. It accepts nothing by itself.
Result<Fd> listen_in(int network_namespace) {
  Fd server;
  TRY_VOID(ns::in_network_namespace(network_namespace, [&]() -> Result<> {
    server = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    const sockaddr_in name = socket_address("0.0.0.0", port_of_pod);
    if (::bind(server.get(), pointer_to(name), sizeof name) < 0 || ::listen(server.get(), 16) < 0)
      return fail_system("listen in the pod");
    return {};
  }));
  return server;
}

/// The time of a connection. It ends by a reset, so that no port waits.
Result<double> connect_once(const Way& way, const Fd& server) {
  Fd socket;
  const auto make = [&]() -> Result<> {
    socket = Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    return {};
  };
  TRY_VOID(way.network_namespace < 0 ? make() : ns::in_network_namespace(way.network_namespace, make));
  const linger reset{1, 0};
  ::setsockopt(socket.get(), SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  const Nanoseconds begin = monotonic_now();
  const int connected = ::connect(socket.get(), pointer_to(way.to), sizeof way.to);
  const double took = milliseconds(monotonic_now() - begin) * 1000;
  if (connected < 0) return fail_system(fmt::format("connect: {}", way.what));
  const Fd accepted(::accept4(server.get(), nullptr, nullptr, SOCK_CLOEXEC));
  if (!accepted) return fail_system(fmt::format("accept: {}", way.what));
  return took;
}

/// The ways take turns, each time in another order.
Result<> measure(std::vector<Way>& ways, const Fd& server, bool are_many, int count) {
  std::mt19937 random(7);
  for (int round = 0; round < rounds; ++round) {
    std::ranges::shuffle(ways, random);
    for (Way& way : ways)
      for (int i = -count / 10; i < count; ++i)
        if (const double took = TRY(connect_once(way, server)); i >= 0) (are_many ? way.many : way.few).push_back(took);
  }
  return {};
}

Result<Running> start_pod(BenchRoot& place, std::size_t number) {
  const auto command = TRY(place.pod({.name = fmt::format("c{}", number),
                                      .has_network = true,
                                      .host_port = static_cast<int>(first_port + number)}));
  return std::move(TRY(place.start(command, 2)).running);
}

}  // namespace

Result<Figures> measure_connections(BenchRoot& place) {
  const Fd client = TRY(make_client());
  std::vector<Running> pods;
  pods.push_back(TRY(start_pod(place, 0)));
  const Fd server = TRY(listen_in(pods[0].pidfd()));
  std::vector<Way> ways{
      {"client", "new connection: a client → a port of the host", client.get(),
       socket_address(host_address, first_port)},
      {"pod", "  the host → a pod", -1, socket_address(TRY(place.address_of("c0")), port_of_pod)},
      {"host", "  the host → its own port", -1, socket_address(host_address, first_port)}};
  const int count = place.scale().runs > 1 ? connections : 10;
  TRY_VOID(measure(ways, server, false, count));
  const std::size_t most = std::min(many_pods, static_cast<std::size_t>(place.scale().pods));
  while (pods.size() < most) pods.push_back(TRY(start_pod(place, pods.size())));
  TRY_VOID(measure(ways, server, true, count));
  for (const Running& pod : pods) pod.signal(SIGTERM);
  for (Running& pod : pods) TRY_VOID(pod.wait());
  Figures figures;
  for (const char* name : {"client", "pod", "host"}) {
    const Way& way = *std::ranges::find(ways, std::string_view(name), &Way::name);
    figures.push_back({.name = fmt::format("connections.{}", name),
                       .what = fmt::format("{}, {} pods running", way.what, pods.size()),
                       .unit = "µs",
                       .value = median(way.many),
                       .beside = Beside{"one", median(way.few)},
                       .target = Target{Target::Kind::AtMostTimes, 1.5}});
  }
  return figures;
}

}  // namespace podrun::bench

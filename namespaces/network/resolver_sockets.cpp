// The sockets at which the resolver of a network namespace listens. They stay in the namespace, wherever the process is
// that reads them.
#include <netinet/in.h>
#include <sys/socket.h>

#include <linux/rtnetlink.h>

#include <cstring>

#include <fmt/format.h>

#include "namespaces/netlink/netlink_socket.hpp"
#include "namespaces/network/network_namespace.hpp"
#include "namespaces/network/network_steps.hpp"
#include "namespaces/netlink/route_messages.hpp"

namespace podrun::ns {
namespace {

constexpr auto loopback = "lo";
constexpr std::uint16_t dns_port = 53;
constexpr int waiting_connections = 64;

/// The address and the port as bind(2) takes them.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = 0;
};

SocketAddress address_of(const pod::IpAddress& address) {
  SocketAddress result;
  if (address.family == pod::IpFamily::V4) {
    sockaddr_in ipv4{.sin_family = AF_INET, .sin_port = htons(dns_port)};
    std::memcpy(&ipv4.sin_addr, address.octets.data(), sizeof ipv4.sin_addr);
    std::memcpy(&result.storage, &ipv4, result.length = sizeof ipv4);
  } else {
    sockaddr_in6 ipv6{.sin6_family = AF_INET6, .sin6_port = htons(dns_port)};
    std::memcpy(&ipv6.sin6_addr, address.octets.data(), sizeof ipv6.sin6_addr);
    std::memcpy(&result.storage, &ipv6, result.length = sizeof ipv6);
  }
  return result;
}

/// A bound socket. It hears what comes by `lo`, which the processes of the namespace alone can send.
Result<Fd> bound_socket(int type, const pod::IpAddress& address) {
  const std::string what = fmt::format("bind port {} of {} in the pod", dns_port, pod::text_of(address));
  const SocketAddress to = address_of(address);
  Fd socket(::socket(to.storage.ss_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!socket) return fail_system(what);
  if (::setsockopt(socket.get(), SOL_SOCKET, SO_BINDTODEVICE, loopback, std::strlen(loopback)) != 0)
    return fail_system(what);
  if (::bind(socket.get(), reinterpret_cast<const sockaddr*>(&to.storage), to.length) != 0) return fail_system(what);
  return socket;
}

}  // namespace

Result<std::vector<Fd>> open_resolver_sockets(const pod::network::Resolver& step, int network_namespace) {
  std::vector<Fd> sockets;
  auto opened = in_network_namespace(network_namespace, [&]() -> Result<> {
    NetlinkSocket route = TRY(NetlinkSocket::open(NETLINK_ROUTE));
    NetlinkBatch batch;
    add_address(batch, {TRY(route.interface_index(loopback)), loopback}, step.address, AddressScope::Host);
    TRY_VOID(route.send(batch));
    sockets.push_back(TRY(bound_socket(SOCK_DGRAM, step.address)));
    sockets.push_back(TRY(bound_socket(SOCK_STREAM, step.address)));
    if (::listen(sockets.back().get(), waiting_connections) != 0) return fail_system("listen for the pod's resolver");
    return {};
  });
  if (!opened) return std::unexpected(std::move(opened).error());
  return sockets;
}

}  // namespace podrun::ns

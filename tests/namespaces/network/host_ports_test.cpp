// Ports of the host, in a network namespace that belongs to the test. Its addresses are 192.0.2.1 and 2001:db8::1.
#include "namespaces/network/host_ports.hpp"

#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "namespaces/kernel/socket_address.hpp"
#include "tests/namespaces/network/own_network.hpp"

namespace podrun::ns {
namespace {

constexpr std::uint16_t number = 8080;
constexpr int on = 1;

pod::IpAddress address(const char* text) { return pod::parse_ip(text).value(); }
int domain_of(const pod::IpAddress& of) { return of.family == pod::IpFamily::V4 ? AF_INET : AF_INET6; }

pod::PublishedPort port(std::uint8_t protocol = IPPROTO_TCP, const char* host_ip = nullptr) {
  return {.host_port = number,
          .host_ip = host_ip ? std::optional(address(host_ip)) : std::nullopt,
          .protocol = protocol,
          .container_port = 80,
          .container = "web"};
}

/// A socket that connects to an address, or sends a datagram there.
Fd client_of(const char* text, int type) {
  const pod::IpAddress to = address(text);
  Fd socket(::socket(domain_of(to), type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const SocketAddress name(to, number);
  const bool is_connected = ::connect(socket.get(), name.get(), name.size()) == 0;
  EXPECT_TRUE(is_connected || errno == EINPROGRESS) << text;
  const auto size = static_cast<ssize_t>(std::strlen(text));
  EXPECT_TRUE(type == SOCK_STREAM || ::send(socket.get(), text, std::strlen(text), 0) == size);
  return socket;
}

std::uint8_t state_of(const Fd& socket) {
  tcp_info info{};
  socklen_t size = sizeof info;
  EXPECT_EQ(::getsockopt(socket.get(), IPPROTO_TCP, TCP_INFO, &info, &size), 0);
  return info.tcpi_state;
}

/// The packets that a socket has dropped.
std::uint32_t drops_of(const Fd& socket) {
  std::array<std::uint32_t, SK_MEMINFO_VARS> memory{};
  socklen_t size = sizeof memory;
  EXPECT_EQ(::getsockopt(socket.get(), SOL_SOCKET, SO_MEMINFO, memory.data(), &size), 0);
  return memory[SK_MEMINFO_DROPS];
}
void wait_until_it_drops(const Fd& socket, std::uint32_t count) {
  while (drops_of(socket) < count) ::sched_yield();
}

bool becomes(const Fd& socket, short event) {
  pollfd waited{socket.get(), event, 0};
  return ::poll(&waited, 1, 10'000) == 1;
}

/// The errno with which another server fails that wants the port; 0: it has it.
int take(const char* text, int type, const std::vector<int>& options) {
  const pod::IpAddress at = address(text);
  const Fd socket(::socket(domain_of(at), type | SOCK_CLOEXEC, 0));
  for (const int option : options) EXPECT_EQ(::setsockopt(socket.get(), SOL_SOCKET, option, &on, sizeof on), 0);
  const SocketAddress name(at, number);
  if (::bind(socket.get(), name.get(), name.size()) < 0) return errno;
  return type == SOCK_STREAM && ::listen(socket.get(), 1) < 0 ? errno : 0;
}

class RootHostPorts : public OwnNetwork {
 protected:
  void SetUp() override {
    OwnNetwork::SetUp();
    run("ip address add 192.0.2.1/32 dev lo && ip address add 2001:db8::1/128 dev lo nodad");
  }

  static std::vector<BoundPort> bind(const pod::PublishedPort& wanted) {
    auto bound = bind_ports({wanted}, 5);
    EXPECT_TRUE(bound) << bound.error().message;
    return bound ? std::move(*bound) : std::vector<BoundPort>{};
  }
  static std::string error_of(const pod::PublishedPort& wanted, int errno_of_it) {
    const auto bound = bind_ports({wanted}, 5);
    if (bound) return "";
    EXPECT_EQ(bound.error().number, errno_of_it);
    return bound.error().message;
  }
};

// ---- what arrives ----

TEST_F(RootHostPorts, APortIsBoundInBothFamilies) {
  const auto bound = bind(port());
  ASSERT_EQ(bound.size(), 2U);
  EXPECT_EQ(bound[0].family, pod::IpFamily::V4);
  EXPECT_EQ(bound[1].family, pod::IpFamily::V6);
  EXPECT_EQ(bound[1].port, port());
  for (const BoundPort& each : bound) EXPECT_NE(::fcntl(each.socket.get(), F_GETFL) & O_NONBLOCK, 0);
}

/// `podrun -d` relies on the signal until the pod has started.
TEST_F(RootHostPorts, TheSignalForTheParentsDeathAndTheDumpableFlagStay) {
  ASSERT_EQ(::prctl(PR_SET_PDEATHSIG, SIGUSR2, 0, 0, 0), 0);
  const int dumpable = ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
  const auto bound = bind_ports({port()}, 5);
  int signal = 0;
  ::prctl(PR_GET_PDEATHSIG, &signal, 0, 0, 0);
  ::prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
  ASSERT_TRUE(bound) << bound.error().message;
  EXPECT_EQ(signal, SIGUSR2);
  EXPECT_EQ(::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), dumpable);
}

TEST_F(RootHostPorts, TcpConnectionsToOtherAddressesThanLoopbackAreNotAnswered) {
  const auto bound = bind(port());
  ASSERT_EQ(bound.size(), 2U);
  for (const auto& [at, loopback, other] :
       {std::tuple(0U, "127.0.0.1", "192.0.2.1"), std::tuple(0U, "127.9.9.9", "192.0.2.1"),
        std::tuple(1U, "::1", "2001:db8::1")}) {
    const Fd& listener = bound[at].socket;
    const std::uint32_t before = drops_of(listener);
    const Fd refused = client_of(other, SOCK_STREAM);
    wait_until_it_drops(listener, before + 1);
    EXPECT_EQ(state_of(refused), TCP_SYN_SENT) << other;
    const Fd client = client_of(loopback, SOCK_STREAM);
    ASSERT_TRUE(becomes(client, POLLOUT)) << loopback;
    EXPECT_EQ(state_of(client), TCP_ESTABLISHED) << loopback;
    ASSERT_TRUE(becomes(listener, POLLIN));
    const Fd accepted(::accept4(listener.get(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
    ASSERT_EQ(::send(client.get(), "x", 1, 0), 1);
    EXPECT_TRUE(becomes(accepted, POLLIN)) << "the connection's socket has the same filter";
    EXPECT_EQ(::accept(listener.get(), nullptr, nullptr), -1);
    EXPECT_EQ(errno, EAGAIN);
  }
}

TEST_F(RootHostPorts, DatagramsToOtherAddressesThanLoopbackAreNotKept) {
  const auto bound = bind(port(IPPROTO_UDP));
  ASSERT_EQ(bound.size(), 2U);
  for (const auto& [at, loopback, other] :
       {std::tuple(0U, "127.0.0.1", "192.0.2.1"), std::tuple(1U, "::1", "2001:db8::1")}) {
    const Fd& socket = bound[at].socket;
    const Fd refused = client_of(other, SOCK_DGRAM);
    wait_until_it_drops(socket, 1);
    const Fd client = client_of(loopback, SOCK_DGRAM);
    ASSERT_TRUE(becomes(socket, POLLIN));
    std::array<char, 64> text{};
    const ssize_t size = ::recv(socket.get(), text.data(), text.size(), 0);
    EXPECT_EQ(std::string(text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0))), loopback);
    EXPECT_EQ(::recv(socket.get(), text.data(), text.size(), 0), -1);
  }
}

TEST_F(RootHostPorts, TheFilterCannotBeTakenOff) {
  for (const std::uint8_t protocol : {IPPROTO_TCP, IPPROTO_UDP})
    for (const BoundPort& each : bind(port(protocol))) {
      EXPECT_EQ(::setsockopt(each.socket.get(), SOL_SOCKET, SO_DETACH_FILTER, &on, sizeof on), -1);
      EXPECT_EQ(errno, EPERM);
    }
}

TEST_F(RootHostPorts, APortOfOneAddressIsBoundThereAlone) {
  const auto loopback = bind(port(IPPROTO_TCP, "127.0.0.1"));
  ASSERT_EQ(loopback.size(), 1U);
  EXPECT_TRUE(becomes(client_of("127.0.0.1", SOCK_STREAM), POLLOUT));
  EXPECT_EQ(take("::1", SOCK_STREAM, {}), 0);
  EXPECT_EQ(take("192.0.2.1", SOCK_STREAM, {}), 0);
  const auto other = bind(port(IPPROTO_TCP, "2001:db8::1"));
  ASSERT_EQ(other.size(), 1U);
  EXPECT_EQ(take("2001:db8::1", SOCK_STREAM, {}), EADDRINUSE);
}

TEST_F(RootHostPorts, AllAddressesOfAFamilyCanBeNamed) {
  const auto bound = bind(port(IPPROTO_TCP, "0.0.0.0"));
  ASSERT_EQ(bound.size(), 1U);
  EXPECT_EQ(take("192.0.2.1", SOCK_STREAM, {}), EADDRINUSE);
  EXPECT_EQ(take("::1", SOCK_STREAM, {}), 0);
}

// ---- who has a port ----

TEST_F(RootHostPorts, AnotherServerCannotTakeABoundPort) {
  for (const auto& [protocol, type] : {std::pair(IPPROTO_TCP, SOCK_STREAM), std::pair(IPPROTO_UDP, SOCK_DGRAM)}) {
    const auto bound = bind(port(static_cast<std::uint8_t>(protocol)));
    for (const char* at : {"0.0.0.0", "127.0.0.1", "192.0.2.1", "::", "::1", "2001:db8::1"})
      for (const std::vector<int>& options :
           {std::vector<int>{}, {SO_REUSEADDR}, {SO_REUSEPORT}, {SO_REUSEADDR, SO_REUSEPORT}})
        EXPECT_EQ(take(at, type, options), EADDRINUSE) << at << " " << type << " " << options.size();
  }
}

TEST_F(RootHostPorts, AConnectionInTimeWaitDoesNotBlockTheNextStart) {
  {
    const auto bound = bind(port());
    ASSERT_EQ(bound.size(), 2U);
    const Fd client = client_of("127.0.0.1", SOCK_STREAM);
    ASSERT_TRUE(becomes(bound[0].socket, POLLIN));
    Fd accepted(::accept4(bound[0].socket.get(), nullptr, nullptr, SOCK_CLOEXEC));
    accepted.reset();
    ASSERT_TRUE(becomes(client, POLLRDHUP));
  }
  EXPECT_EQ(take("0.0.0.0", SOCK_STREAM, {}), EADDRINUSE) << "a connection is in TIME_WAIT";
  EXPECT_EQ(bind(port()).size(), 2U);
}

// ---- other errors ----

TEST_F(RootHostPorts, AnAddressThatIsNotTheHostsIsAnError) {
  EXPECT_EQ(error_of(port(IPPROTO_TCP, "192.0.2.7"), EADDRNOTAVAIL),
            "container web: hostIP: port 8080/TCP of 192.0.2.7: the host has no address 192.0.2.7");
  EXPECT_EQ(error_of(port(IPPROTO_UDP, "2001:db8::7"), EADDRNOTAVAIL),
            "container web: hostIP: port 8080/UDP of 2001:db8::7: the host has no address 2001:db8::7");
  EXPECT_EQ(error_of(port(IPPROTO_TCP, "fe80::1"), EINVAL),
            "container web: hostIP: port 8080/TCP of fe80::1: a link-local address is one of several interfaces, and "
            "cannot be chosen");
}

TEST_F(RootHostPorts, AKernelWithoutSctpIsAnError) {
  if (Fd(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, IPPROTO_SCTP))) {
    EXPECT_EQ(bind(port(IPPROTO_SCTP)).size(), 2U);
    return;
  }
  EXPECT_EQ(error_of(port(IPPROTO_SCTP), EPROTONOSUPPORT),
            "container web: protocol: port 8080/SCTP of the host: the kernel has no SCTP");
}

TEST_F(RootHostPorts, AnErrorLeavesNoPortBound) {
  EXPECT_FALSE(bind_ports({port(), port(IPPROTO_TCP, "192.0.2.1")}, 5));
  EXPECT_EQ(take("0.0.0.0", SOCK_STREAM, {}), 0);
}

}  // namespace
}  // namespace podrun::ns

// Network namespaces for the time of a test: programs and sockets in them; a host, a client and pods.
#include "tests/namespaces/network/network_world.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <fstream>
#include <thread>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "namespaces/network/shared_filter.hpp"
#include "pod/network/pod_table.hpp"
#include "pod/network/shared_table.hpp"

namespace podrun::ns {
namespace {

pod::Addresses addresses_of(std::uint32_t number) {
  return {pod::nth_address(*pod::parse_prefix("10.77.0.0/16"), number),
          pod::nth_address(*pod::parse_prefix("fd77:1::/64"), number)};
}

pod::NetworkPlan plan_of(const TestPod& pod, const std::vector<TestPort>& ports) {
  pod::NetworkPlan plan{.container = {},
                        .number = pod.number,
                        .interface = pod.interface,
                        .addresses = pod.addresses,
                        .ports = {},
                        .steps = {}};
  for (const TestPort& port : ports)
    plan.ports.push_back({.host_port = port.host_port,
                          .host_ip = std::nullopt,
                          .protocol = port.protocol,
                          .container_port = port.container_port,
                          .container = "app"});
  return plan;
}

constexpr int longest_wait = 5000;  // milliseconds

struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t length = sizeof(sockaddr_in6);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
};

SocketAddress address_of(const std::string& text, std::uint16_t port) {
  const auto address = pod::parse_ip(text);
  EXPECT_TRUE(address) << text;
  SocketAddress result;
  if (address->family == pod::IpFamily::V4) {
    sockaddr_in ipv4{.sin_family = AF_INET, .sin_port = htons(port)};
    std::memcpy(&ipv4.sin_addr, address->octets.data(), 4);
    std::memcpy(&result.storage, &ipv4, result.length = sizeof ipv4);
  } else {
    sockaddr_in6 ipv6{.sin6_family = AF_INET6, .sin6_port = htons(port)};
    std::memcpy(&ipv6.sin6_addr, address->octets.data(), 16);
    std::memcpy(&result.storage, &ipv6, sizeof ipv6);
  }
  return result;
}

Fd bound_socket(int type, const std::string& text, std::uint16_t port) {
  SocketAddress address = address_of(text, port);
  Fd socket(::socket(address.storage.ss_family, type | SOCK_CLOEXEC, 0));
  const int on = 1;
  if (address.storage.ss_family == AF_INET6) ::setsockopt(socket.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  EXPECT_EQ(::bind(socket.get(), address.get(), address.length), 0) << text << ": " << std::strerror(errno);
  return socket;
}

std::string read_to_end(int fd) {
  std::string text;
  std::array<char, 4096> part;
  for (ssize_t size; (size = ::read(fd, part.data(), part.size())) > 0;) text.append(part.data(), std::size_t(size));
  return text;
}

}  // namespace

TestNetwork::TestNetwork() {
  std::thread([&] {
    ASSERT_EQ(::unshare(CLONE_NEWNET), 0);
    namespace_ = Fd(::open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC));
  }).join();
  run({"ip", "link", "set", "lo", "up"});
}

void TestNetwork::in(const std::function<void()>& work) const {
  std::thread([&] {
    ASSERT_EQ(::setns(get(), CLONE_NEWNET), 0);
    work();
  }).join();
}

std::pair<bool, std::string> TestNetwork::try_to_run(const std::vector<std::string>& words,
                                                     const std::string& input) const {
  std::pair<bool, std::string> result{false, ""};
  in([&] {
    int output[2], in_pipe[2];
    ASSERT_EQ(::pipe2(output, O_CLOEXEC), 0);
    ASSERT_EQ(::pipe2(in_pipe, O_CLOEXEC), 0);
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_adddup2(&actions, in_pipe[0], STDIN_FILENO);
    for (const int stream : {STDOUT_FILENO, STDERR_FILENO})
      ::posix_spawn_file_actions_adddup2(&actions, output[1], stream);
    std::vector<char*> argv;
    for (const auto& word : words) argv.push_back(const_cast<char*>(word.c_str()));
    argv.push_back(nullptr);
    pid_t pid = -1;
    const int failure = ::posix_spawnp(&pid, argv[0], &actions, nullptr, argv.data(), environ);
    ::posix_spawn_file_actions_destroy(&actions);
    ::close(output[1]);
    ::close(in_pipe[0]);
    EXPECT_EQ(::write(in_pipe[1], input.data(), input.size()), static_cast<ssize_t>(input.size()));
    ::close(in_pipe[1]);
    result.second = read_to_end(output[0]);
    ::close(output[0]);
    int status = -1;
    result.first = failure == 0 && ::waitpid(pid, &status, 0) == pid && status == 0;
  });
  return result;
}

std::string TestNetwork::run(const std::vector<std::string>& words) const {
  const auto [succeeds, output] = try_to_run(words);
  EXPECT_TRUE(succeeds) << testing::PrintToString(words) << ": " << output;
  return output;
}

void TestNetwork::set(const std::string& setting, const std::string& value) const {
  in([&] { EXPECT_TRUE(std::ofstream("/proc/sys/" + setting) << value << std::flush) << setting; });
}

Fd TestNetwork::datagrams(const std::string& address, std::uint16_t port) const {
  Fd socket;
  in([&] { socket = bound_socket(SOCK_DGRAM, address, port); });
  return socket;
}

Fd TestNetwork::listener(const std::string& address, std::uint16_t port) const {
  Fd socket;
  in([&] {
    socket = bound_socket(SOCK_STREAM, address, port);
    EXPECT_EQ(::listen(socket.get(), 100), 0);
  });
  return socket;
}

bool TestNetwork::connects(const std::string& text, std::uint16_t port) const {
  bool is_connected = false;
  in([&] {
    SocketAddress address = address_of(text, port);
    const Fd socket(::socket(address.storage.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    ::connect(socket.get(), address.get(), address.length);
    pollfd waiting{.fd = socket.get(), .events = POLLOUT};
    int error = -1;
    socklen_t length = sizeof error;
    is_connected = ::poll(&waiting, 1, longest_wait) == 1 &&
                   ::getsockopt(socket.get(), SOL_SOCKET, SO_ERROR, &error, &length) == 0 && error == 0;
  });
  return is_connected;
}

int send_to(const Fd& socket, const std::string& text, std::uint16_t port, const std::string& content) {
  SocketAddress address = address_of(text, port);
  const ssize_t sent = ::sendto(socket.get(), content.data(), content.size(), 0, address.get(), address.length);
  return sent < 0 ? errno : 0;
}

std::optional<Datagram> next_datagram(const Fd& socket) {
  pollfd waiting{.fd = socket.get(), .events = POLLIN};
  if (::poll(&waiting, 1, longest_wait) != 1) return std::nullopt;
  std::array<char, 2048> buffer;
  SocketAddress from;
  const ssize_t size = ::recvfrom(socket.get(), buffer.data(), buffer.size(), 0, from.get(), &from.length);
  if (size < 0) return std::nullopt;
  pod::IpAddress address;
  std::uint16_t port = 0;
  if (from.storage.ss_family == AF_INET6) {
    sockaddr_in6 ipv6;
    std::memcpy(&ipv6, &from.storage, sizeof ipv6);
    address.family = pod::IpFamily::V6;
    std::memcpy(address.octets.data(), &ipv6.sin6_addr, 16);
    port = ntohs(ipv6.sin6_port);
  } else {
    sockaddr_in ipv4;
    std::memcpy(&ipv4, &from.storage, sizeof ipv4);
    std::memcpy(address.octets.data(), &ipv4.sin_addr, 4);
    port = ntohs(ipv4.sin_port);
  }
  return Datagram{std::string(buffer.data(), static_cast<std::size_t>(size)), pod::text_of(address), port};
}

bool has_datagram(const Fd& socket) {
  pollfd waiting{.fd = socket.get(), .events = POLLIN};
  return ::poll(&waiting, 1, 0) == 1;
}

pod::nft::Table table_of_all() {
  pod::NetworkFacts facts;
  facts.ipv4 = pod::parse_prefix("10.77.0.0/16");
  facts.ipv6 = pod::parse_prefix("fd77:1::/64");
  facts.closed_ipv4 = facts.closed_ipv6 = {"up0"};
  return pod::shared_table(facts);
}

NetworkWorld::NetworkWorld() {
  constexpr auto host_mac = "02:00:00:00:00:01", client_mac = "02:00:00:00:00:02";
  host.set("net/ipv4/ip_forward", "1");
  host.set("net/ipv6/conf/all/forwarding", "1");
  // The client's namespace has no name.
  const auto client_namespace = fmt::format("/proc/{}/fd/{}", ::getpid(), client.get());
  host.run({"ip", "link", "add", "up0", "address", host_mac, "type", "veth", "peer", "name", "eth0", "address",
            client_mac, "netns", client_namespace});
  // Both know the other's Ethernet address: the first packet of IPv6 would wait for that of the link.
  const auto set_up = [](const TestNetwork& network, const std::string& interface, const std::string& neighbour_mac,
                         const std::vector<std::pair<std::string, std::string>>& addresses) {
    network.run({"ip", "link", "set", interface, "up"});
    for (const auto& [address, neighbour] : addresses) {
      const auto length = address.contains(':') ? "/64" : "/24";
      network.run({"ip", "address", "add", address + length, "dev", interface, "nodad"});
      network.run({"ip", "neigh", "add", neighbour, "lladdr", neighbour_mac, "dev", interface});
    }
  };
  set_up(host, "up0", client_mac, {{host_ipv4, client_ipv4}, {host_ipv6, client_ipv6}});
  set_up(client, "eth0", host_mac, {{client_ipv4, host_ipv4}, {client_ipv6, host_ipv6}});
}

TestPod NetworkWorld::new_pod(std::uint32_t number) const {
  return {.number = number,
          .interface = fmt::format("podrun{}", number),
          .addresses = addresses_of(number),
          .gateways = addresses_of(1)};
}

void NetworkWorld::connect(const TestPod& pod, std::uint32_t mtu) const {
  host.in([&] {
    const auto made = make_link({pod.interface, "podrun default_web", mtu}, pod.network.get());
    ASSERT_TRUE(made) << made.error().message;
    const auto inside = set_up_pod_end({pod.addresses, pod.gateways}, pod.network.get());
    ASSERT_TRUE(inside) << inside.error().message;
    const auto outside = set_up_host_end({pod.interface, pod.addresses, pod.gateways});
    ASSERT_TRUE(outside) << outside.error().message;
  });
}

void NetworkWorld::filter(TestPod& pod, const std::vector<TestPort>& ports) const {
  host.in([&] {
    const pod::NetworkPlan plan = plan_of(pod, ports);
    auto bound = bind_ports(plan.ports, plan.number);
    ASSERT_TRUE(bound) << bound.error().message;
    pod.ports = std::move(*bound);
    auto made = make_filter(pod_table(plan));
    ASSERT_TRUE(made) << made.error().message;
    pod.filter = std::move(*made);
    if (!shared_filter) {
      auto shared = make_filter(table_of_all());
      ASSERT_TRUE(shared) << shared.error().message;
      shared_filter = std::move(*shared);
    }
    const auto renewed = renew_elements(shared_filter.get(), table_of_all(), pod.number, shared_elements(plan));
    ASSERT_TRUE(renewed) << renewed.error().message;
  });
}

TestPod NetworkWorld::add_pod(std::uint32_t number, const std::vector<TestPort>& ports) const {
  TestPod pod = new_pod(number);
  connect(pod);
  filter(pod, ports);
  return pod;
}

}  // namespace podrun::ns

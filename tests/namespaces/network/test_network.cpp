// Network namespaces for the time of a test: programs and sockets in them.
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

#include <gtest/gtest.h>

#include "tests/namespaces/network/network_world.hpp"

namespace podrun::ns {
namespace {

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

}  // namespace podrun::ns

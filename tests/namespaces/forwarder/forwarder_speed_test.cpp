// What a forwarder costs, beside a connection without it.
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>

#include "tests/namespaces/forwarder/forwarder_world.hpp"

namespace podrun::ns {
namespace {

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::duration<double, std::micro>;

void send_at_once(int fd) {
  const int on = 1;
  ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/// MiB a second from a client to a server.
double throughput(const ForwarderWorld& world, const Endpoint& to, const Endpoint& server) {
  constexpr auto time = std::chrono::milliseconds(700);
  Fd client = world.client_of(to);
  const Fd peer = accepted(server);
  std::thread writer([&] {
    const std::string part(256 * 1024, 'x');
    const auto end = Clock::now() + time;
    while (Clock::now() < end && write_all(client.get(), part)) {}
    ::shutdown(client.get(), SHUT_WR);
  });
  std::string buffer(256 * 1024, 0);
  double bytes = 0;
  const auto begin = Clock::now();
  for (ssize_t length = 1; length > 0; bytes += static_cast<double>(length))
    length = ::recv(peer.get(), buffer.data(), buffer.size(), 0);
  const std::chrono::duration<double> seconds = Clock::now() - begin;
  writer.join();
  return bytes / (1024 * 1024) / seconds.count();
}

/// The median time to connect and get a byte back.
Microseconds connect_time(const ForwarderWorld& world, const Endpoint& to, const Endpoint& server) {
  constexpr int count = 600;
  std::thread echo([&] {
    for (int i = 0; i < count; ++i) {
      const Fd peer = accepted(server);
      char byte;
      if (::recv(peer.get(), &byte, 1, 0) == 1) (void)!::send(peer.get(), &byte, 1, MSG_NOSIGNAL);
      (void)!::recv(peer.get(), &byte, 1, 0);
    }
  });
  std::vector<Microseconds> times;
  world.in_host([&] {
    sockaddr_in address{.sin_family = AF_INET, .sin_port = htons(to.port), .sin_addr = {}, .sin_zero = {}};
    ::inet_pton(AF_INET, to.address.c_str(), &address.sin_addr);
    for (int i = 0; i < count; ++i) {
      const auto begin = Clock::now();
      Fd client(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
      send_at_once(client.get());
      char byte = 0;
      EXPECT_EQ(::connect(client.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
      EXPECT_EQ(::send(client.get(), &byte, 1, 0), 1);
      EXPECT_EQ(::recv(client.get(), &byte, 1, 0), 1);
      times.push_back(Clock::now() - begin);
      reset(std::move(client));
    }
  });
  echo.join();
  std::ranges::nth_element(times, times.begin() + count / 2);
  return times[count / 2];
}

class RootForwarderSpeed : public testing::Test {
 protected:
  ForwarderWorld world_;
  Endpoint listener_ = world_.host_socket("127.0.0.1"), server_ = world_.pod_socket(pod_v4);
  ForwarderRun forwarder_{world_, {forwarded(listener_, server_)}};
  Endpoint direct_{Fd(), server_.address, server_.port};
};

}  // namespace

// The goals are a half and 100 µs on an idle machine; this one may have other things to do.
TEST_F(RootForwarderSpeed, AtLeastAThirdOfTheThroughputOfADirectConnection) {
  double best = 0;
  for (int i = 0; i < 5 && best < 0.5; ++i) {
    const double direct = throughput(world_, direct_, server_), through = throughput(world_, listener_, server_);
    std::printf("throughput: direct %.0f MiB/s, through the forwarder %.0f MiB/s: %.2f\n", direct, through,
                through / direct);
    best = std::max(best, through / direct);
  }
  EXPECT_GE(best, 0.33);
}

TEST_F(RootForwarderSpeed, AConnectionTakesLittleLongerThanADirectOne) {
  Microseconds least = Microseconds::max();
  for (int i = 0; i < 5 && least.count() > 100; ++i) {
    const Microseconds direct = connect_time(world_, direct_, server_);
    const Microseconds through = connect_time(world_, listener_, server_);
    std::printf("connect and echo: direct %.0f µs, through the forwarder %.0f µs: %.0f µs more\n", direct.count(),
                through.count(), (through - direct).count());
    least = std::min(least, through - direct);
  }
  EXPECT_LE(least.count(), 500);
}

}  // namespace podrun::ns

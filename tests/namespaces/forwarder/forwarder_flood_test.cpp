// Very many connections at once and in a row, and connections that want all: the others go on.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <map>
#include <thread>

#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/child_task.hpp"
#include "tests/namespaces/forwarder/forwarder_world.hpp"

namespace podrun::ns {
namespace {

using Clock = std::chrono::steady_clock;

/// As many descriptors as the host allows.
std::size_t raise_descriptors() {
  rlimit limit{65'536, 65'536};
  if (::setrlimit(RLIMIT_NOFILE, &limit) == 0) return limit.rlim_cur;
  ::getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  return limit.rlim_cur;
}

class RootForwarderFlood : public testing::Test {
 protected:
  Connected connect() const { return connect_through(world_, listener_, server_); }

  /// That the forwarder works, and the time in which it carries a byte to the pod and back over a new connection.
  Clock::duration round_trip() {
    const auto begin = Clock::now();
    const Connected connected = connect();
    EXPECT_TRUE(write_all(connected.client.get(), "x"));
    EXPECT_EQ(next_error(connected.server.get()), 0);
    EXPECT_TRUE(write_all(connected.server.get(), "x"));
    EXPECT_EQ(next_error(connected.client.get()), 0);
    return Clock::now() - begin;
  }

  std::size_t descriptors_ = raise_descriptors();
  ForwarderWorld world_;
  Endpoint listener_ = world_.host_socket("127.0.0.1"), server_ = world_.pod_socket(pod_v4);
  ForwarderRun forwarder_{world_, {forwarded(listener_, server_)}};
};

using RootSlowForwarderFlood = RootForwarderFlood;

/// Echoes all that comes over any number of connections, in a thread, until it is destroyed. Closes what has ended.
class EchoServer {
 public:
  explicit EchoServer(const Endpoint& endpoint) : listener_(endpoint.socket.get()) {
    auto [ours, theirs] = make_pipe().value();
    stop_ = std::move(theirs);
    stopped_ = std::move(ours);
    thread_ = std::thread([this] { run(); });
  }
  ~EchoServer() {
    stop_.reset();
    thread_.join();
  }
  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;

 private:
  void watch(int fd) const {
    epoll_event event{.events = EPOLLIN, .data = {.fd = fd}};
    EXPECT_EQ(::epoll_ctl(poll_.get(), EPOLL_CTL_ADD, fd, &event), 0);
  }

  void run() {
    watch(listener_);
    watch(stopped_.get());
    epoll_event events[64];
    for (;;) {
      const int count = ::epoll_wait(poll_.get(), events, 64, -1);
      for (int i = 0; i < count; ++i) {
        if (events[i].data.fd == stopped_.get()) return;
        if (events[i].data.fd == listener_) take();
        else echo(events[i].data.fd);
      }
    }
  }

  void take() {
    const int fd = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (fd < 0) return;
    connections_.emplace(fd, Fd(fd));
    watch(fd);
  }

  void echo(int fd) {
    char buffer[4096];
    const ssize_t length = ::recv(fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (length <= 0) connections_.erase(fd);
    else (void)!::send(fd, buffer, static_cast<std::size_t>(length), MSG_NOSIGNAL);
  }

  int listener_;
  Fd poll_{::epoll_create1(EPOLL_CLOEXEC)}, stop_, stopped_;
  std::map<int, Fd> connections_;
  std::thread thread_;
};

/// How many of the clients get their byte back: waits until these are `wanted`.
bool wait_for_echoes(const std::vector<Fd>& clients, std::size_t wanted) {
  const Fd poll(::epoll_create1(EPOLL_CLOEXEC));
  for (const Fd& client : clients) {
    epoll_event event{.events = EPOLLIN, .data = {.fd = client.get()}};
    if (client && ::epoll_ctl(poll.get(), EPOLL_CTL_ADD, client.get(), &event) < 0) return false;
  }
  for (std::size_t echoes = 0; echoes < wanted;) {
    epoll_event events[64];
    const int count = ::epoll_wait(poll.get(), events, 64, 20'000);
    if (count <= 0) return false;
    for (int i = 0; i < count; ++i) {
      char byte;
      if (::recv(events[i].data.fd, &byte, 1, MSG_DONTWAIT) != 1) return false;
      ++echoes;
    }
  }
  return true;
}

}  // namespace

// The clients are in a process of their own: they have as many descriptors as the servers.
TEST_F(RootForwarderFlood, TenThousandConnectionsAtOnce) {
  constexpr std::size_t all = 10'000;
  // Those that have no descriptors wait in the backlog: on a host that lets nobody have more than 20,000, some do.
  const std::size_t at_once = std::min(all, (descriptors_ - 16 - 1) / 2);
  ASSERT_GT(at_once, 9'500U) << "the host allows " << descriptors_ << " descriptors";
  const EchoServer echoes(server_);
  auto [ours, theirs] = *make_pipe();
  auto [go, let_go] = *make_pipe();
  auto clients_process = run_in_child([&] {
    std::vector<Fd> clients;
    for (std::size_t i = 0; i < all; ++i) {
      clients.push_back(world_.client_of(listener_));
      if (!write_all(clients.back().get(), "x")) return 1;
    }
    if (!wait_for_echoes(clients, at_once)) return 2;
    char byte = 0;
    (void)!::write(theirs.get(), &byte, 1);
    (void)!::read(go.get(), &byte, 1);
    for (std::size_t i = 0; i < all - at_once; ++i) clients[i].reset();
    return wait_for_echoes(clients, all - at_once) ? 0 : 3;
  });
  EXPECT_TRUE(waits_for(ours.get(), POLLIN, 120'000)) << "not all are served";
  EXPECT_GE(forwarder_.descriptors(), 2 * at_once);
  const long memory = forwarder_.memory("VmRSS");
  EXPECT_LT(memory, 4096) << "kB";
  std::printf("10,000 connections: %zu at once, VmRSS %ld kB\n", at_once, memory);
  (void)!::write(let_go.get(), "x", 1);
  EXPECT_EQ(exit_code_of(*wait_for(*clients_process)), 0);
}

TEST_F(RootForwarderFlood, ClientsThatSayNothingDoNotHinderOthers) {
  std::vector<Connected> silent;
  for (int i = 0; i < 4'000; ++i) silent.push_back(connect());
  EXPECT_LT(round_trip(), std::chrono::seconds(1));
}

TEST_F(RootSlowForwarderFlood, AHundredThousandConnectionsInARowLeaveNothing) {
  const EchoServer echoes(server_);
  const std::size_t descriptors = forwarder_.descriptors();
  for (int i = 0; i < 100'000; ++i) {
    Fd client = world_.client_of(listener_);
    ASSERT_TRUE(i % 4 != 0 || write_all(client.get(), "x"));
    ASSERT_TRUE(i % 100 != 0 || next_error(client.get()) == 0) << i;
    reset(std::move(client));
  }
  const Fd client = world_.client_of(listener_);
  ASSERT_TRUE(write_all(client.get(), "x"));
  EXPECT_EQ(next_error(client.get()), 0);
  EXPECT_LE(forwarder_.descriptors(), descriptors + 8) << "this connection's, and those of the last";
  EXPECT_LT(forwarder_.memory("VmRSS"), 4096);
}

TEST_F(RootForwarderFlood, ConnectionsThatWantAllDoNotStarveOthers) {
  std::vector<Connected> greedy;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) greedy.push_back(connect());
  std::atomic<std::size_t> moved = 0;
  for (const Connected& connected : greedy) {
    threads.emplace_back([&] {
      const std::string part(256 * 1024, 'x');
      while (write_all(connected.client.get(), part)) {}
    });
    threads.emplace_back([&] {
      std::string part(256 * 1024, 0);
      while (true) {
        const ssize_t length = ::recv(connected.server.get(), part.data(), part.size(), 0);
        if (length <= 0) return;
        moved += static_cast<std::size_t>(length);
      }
    });
  }
  const auto begin = Clock::now();
  for (int i = 0; i < 100; ++i) round_trip();
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds(20));
  EXPECT_GT(moved.load(), 0U);
  for (const Connected& connected : greedy) ::shutdown(connected.client.get(), SHUT_RDWR);
  for (const Connected& connected : greedy) ::shutdown(connected.server.get(), SHUT_RDWR);
  for (std::thread& thread : threads) thread.join();
}

TEST_F(RootForwarderFlood, SlowReadersDoNotHinderOthers) {
  std::vector<Connected> slow;
  const std::string part(1024 * 1024, 'x');
  for (int i = 0; i < 300; ++i) {
    slow.push_back(connect());
    while (::send(slow.back().client.get(), part.data(), part.size(), MSG_DONTWAIT | MSG_NOSIGNAL) > 0) {}
  }
  const Connected other = connect();
  std::thread writer([&] {
    for (int i = 0; i < 16; ++i) EXPECT_TRUE(write_all(other.client.get(), part));
    ::shutdown(other.client.get(), SHUT_WR);
  });
  EXPECT_EQ(read_all(other.server.get()).size(), 16 * part.size());
  writer.join();
  EXPECT_LT(forwarder_.memory("VmRSS"), 4096);
}

// Each connection to one port of the pod needs a local port of its own.
TEST(RootForwarderPorts, WhereLocalPortsAreLackingClientsWait) {
  const ForwarderWorld world;
  const Endpoint one = world.host_socket("127.0.0.1"), two = world.host_socket("127.0.0.1");
  const Endpoint other = world.host_socket("127.0.0.1");
  const Endpoint server = world.pod_socket(pod_v4), other_server = world.pod_socket(pod_v4);
  world.in_host([] {
    const Fd range(::open("/proc/sys/net/ipv4/ip_local_port_range", O_WRONLY | O_CLOEXEC));
    EXPECT_EQ(::write(range.get(), "40000 40019", 11), 11);
  });
  const ForwarderRun forwarder(world,
                               {forwarded(one, server), forwarded(two, server), forwarded(other, other_server)});
  std::vector<Connected> all;
  for (int i = 0; i < 20; ++i) all.push_back(connect_through(world, one, server));
  const Fd waiting = world.client_of(two);
  ASSERT_TRUE(write_all(waiting.get(), "x"));
  EXPECT_TRUE(connect_through(world, other, other_server).server) << "another port of the pod is not concerned";
  EXPECT_FALSE(waits_for(server.socket.get(), POLLIN, 300));
  EXPECT_FALSE(waits_for(waiting.get(), POLLIN, 0)) << "it is not refused";
  reset(std::move(all.front().client));
  const Fd served = accepted(server);
  EXPECT_EQ(next_error(served.get()), 0);
}

}  // namespace podrun::ns

// Connections through a forwarder: what goes in comes out, and so does how they end.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <string>
#include <thread>

#include "tests/namespaces/forwarder/forwarder_world.hpp"

namespace podrun::ns {
namespace {

constexpr std::size_t mib = 1024 * 1024;

/// A stream of bytes that repeats nowhere near, and its checksum on the other side.
class Pattern {
 public:
  std::uint8_t next() {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::uint8_t>(state_ >> 56);
  }

 private:
  std::uint64_t state_ = 42;
};

void send_pattern(int fd, std::size_t size) {
  Pattern pattern;
  std::string part(100'000, 0);
  while (size > 0) {
    part.resize(std::min(size, part.size()));
    for (char& byte : part) byte = static_cast<char>(pattern.next());
    ASSERT_TRUE(write_all(fd, part));
    size -= part.size();
  }
  ::shutdown(fd, SHUT_WR);
}

/// How many bytes of the pattern arrive before the end of file; the test fails at the first other one.
std::size_t receive_pattern(int fd) {
  Pattern pattern;
  std::size_t size = 0;
  std::string part(200'000, 0);
  for (;;) {
    const ssize_t length = ::recv(fd, part.data(), part.size(), 0);
    if (length <= 0) return length < 0 ? 0 : size;
    for (ssize_t i = 0; i < length; ++i, ++size)
      if (part[static_cast<std::size_t>(i)] != static_cast<char>(pattern.next())) {
        ADD_FAILURE() << "byte " << size << " is another one";
        return 0;
      }
  }
}

struct Families {
  const char* name;
  const char* host;
  const char* pod;
};

class RootForwarderFamilies : public testing::TestWithParam<Families> {};

class RootForwarderStreams : public testing::Test {
 protected:
  Connected connect() const { return connect_through(world_, listener_, server_); }

  ForwarderWorld world_;
  Endpoint listener_ = world_.host_socket("127.0.0.1"), server_ = world_.pod_socket(pod_v4);
  ForwarderRun forwarder_{world_, {forwarded(listener_, server_)}};
};

}  // namespace

TEST_P(RootForwarderFamilies, BytesArriveUnchangedInBothDirectionsAtOnce) {
  constexpr std::size_t size = 48 * mib + 12'345;
  const ForwarderWorld world;
  const Endpoint listener = world.host_socket(GetParam().host), server = world.pod_socket(GetParam().pod);
  const ForwarderRun forwarder(world, {forwarded(listener, server)});
  const Connected connected = connect_through(world, listener, server);
  std::thread upwards([&] { send_pattern(connected.client.get(), size); });
  std::thread downwards([&] { send_pattern(connected.server.get(), size); });
  std::size_t at_server = 0;
  std::thread reader([&] { at_server = receive_pattern(connected.server.get()); });
  EXPECT_EQ(receive_pattern(connected.client.get()), size);
  for (std::thread* thread : {&upwards, &downwards, &reader}) thread->join();
  EXPECT_EQ(at_server, size);
}

INSTANTIATE_TEST_SUITE_P(All, RootForwarderFamilies,
                         testing::Values(Families{"IPv4", "127.0.0.1", pod_v4}, Families{"IPv6", "::1", pod_v6},
                                         Families{"IPv6ToIPv4", "::1", pod_v4},
                                         Families{"IPv4ToIPv6", "127.0.0.1", pod_v6}),
                         [](const auto& families) { return families.param.name; });

TEST_F(RootForwarderStreams, TheEndOfOneDirectionLeavesTheOther) {
  for (const bool client_first : {true, false}) {
    const Connected connected = connect();
    const int first = client_first ? connected.client.get() : connected.server.get();
    const int second = client_first ? connected.server.get() : connected.client.get();
    ASSERT_TRUE(write_all(first, "question"));
    ::shutdown(first, SHUT_WR);
    EXPECT_EQ(read_all(second), "question");
    ASSERT_TRUE(write_all(second, "answer"));
    ::shutdown(second, SHUT_WR);
    EXPECT_EQ(read_all(first), "answer");
  }
}

TEST_F(RootForwarderStreams, AServerThatSpeaksFirstIsHeard) {
  const Connected connected = connect();
  ASSERT_TRUE(write_all(connected.server.get(), "220 hello\r\n"));
  EXPECT_EQ(next_error(connected.client.get()), 0);
}

TEST_F(RootForwarderStreams, ASlowReaderHoldsItsWriterUpAndCostsNoMemory) {
  const Connected connected = connect();
  ::fcntl(connected.client.get(), F_SETFL, O_NONBLOCK);
  const std::string part(65536, 'x');
  std::size_t sent = 0;
  // Half a second without room: nothing moves any more.
  while (sent < 512 * mib && waits_for(connected.client.get(), POLLOUT, 500))
    if (const ssize_t length = ::send(connected.client.get(), part.data(), part.size(), MSG_NOSIGNAL); length > 0)
      sent += static_cast<std::size_t>(length);
  std::printf("%zu KiB wait for a slow reader, VmRSS %ld kB\n", sent / 1024, forwarder_.memory("VmRSS"));
  EXPECT_LT(sent, 16 * mib) << "of which most is in the client's own buffer";
  EXPECT_LT(forwarder_.memory("VmRSS"), 1024);
  ::shutdown(connected.client.get(), SHUT_WR);
  EXPECT_EQ(read_all(connected.server.get()).size(), sent);
}

TEST_F(RootForwarderStreams, ATargetThatRefusesResetsTheClient) {
  server_.socket.reset();
  const Fd client = world_.client_of(listener_);
  EXPECT_EQ(next_error(client.get()), ECONNRESET);
}

TEST_F(RootForwarderStreams, AResetIsPassedOn) {
  Connected one = connect();
  reset(std::move(one.client));
  EXPECT_EQ(next_error(one.server.get()), ECONNRESET);
  Connected other = connect();
  reset(std::move(other.server));
  EXPECT_EQ(next_error(other.client.get()), ECONNRESET);
}

TEST_F(RootForwarderStreams, WhatCameBeforeAResetArrives) {
  Connected connected = connect();
  ASSERT_TRUE(write_all(connected.server.get(), "a"));
  reset(std::move(connected.server));
  EXPECT_EQ(next_error(connected.client.get()), 0);
  EXPECT_EQ(next_error(connected.client.get()), ECONNRESET);
}

TEST_F(RootForwarderStreams, AResetEndsAConnectionThatASlowReaderBlocks) {
  Connected connected = connect();
  ::fcntl(connected.client.get(), F_SETFL, O_NONBLOCK);
  const std::string part(65536, 'x');
  while (waits_for(connected.client.get(), POLLOUT, 500))
    (void)!::send(connected.client.get(), part.data(), part.size(), MSG_NOSIGNAL);
  const std::size_t descriptors = forwarder_.descriptors();
  reset(std::move(connected.client));
  // A new connection is handled after the event of the reset.
  const Connected another = connect();
  EXPECT_LE(forwarder_.descriptors(), descriptors);
}

TEST_F(RootForwarderStreams, AClientThatGoesWhileTheServerSendsIsAResetToIt) {
  Connected connected = connect();
  connected.client.reset();
  while (::send(connected.server.get(), "data", 4, MSG_NOSIGNAL) == 4) {}
  EXPECT_TRUE(errno == ECONNRESET || errno == EPIPE) << errno;
}

TEST(RootForwarderTargets, APodThatDoesNotAnswerResetsTheClientAfterTheTime) {
  const ForwarderWorld world;
  const Endpoint listener = world.host_socket("127.0.0.1"), server = world.pod_socket(pod_v4);
  const ForwarderRun forwarder(world, {forwarded(listener, server)}, {.connect = 1});
  ASSERT_TRUE(connect_through(world, listener, server).server);
  world.set_link(false);
  const Fd client = world.client_of(listener);
  EXPECT_EQ(next_error(client.get()), ECONNRESET);
  world.set_link(true);
  for (bool is_there = false; !is_there;) {  // the link needs a moment
    const Fd another = world.client_of(listener);
    pollfd either[] = {{server.socket.get(), POLLIN, 0}, {another.get(), POLLIN, 0}};
    ASSERT_GT(::poll(either, 2, 20'000), 0);
    is_there = either[0].revents != 0;
  }
}

TEST(RootForwarderTargets, EachSocketHasItsOwn) {
  const ForwarderWorld world;
  std::vector<Endpoint> listeners, servers;
  std::vector<ForwardedSocket> sockets;
  for (int i = 0; i < 100; ++i) {
    listeners.push_back(world.host_socket(i % 2 == 0 ? "127.0.0.1" : "::1"));
    servers.push_back(world.pod_socket(i % 3 == 0 ? pod_v4 : pod_v6));
    sockets.push_back(forwarded(listeners.back(), servers.back()));
  }
  const ForwarderRun forwarder(world, sockets);
  for (std::size_t i = 0; i < listeners.size(); ++i) {
    const Connected connected = connect_through(world, listeners[i], servers[i]);
    ASSERT_TRUE(write_all(connected.client.get(), "x"));
    EXPECT_EQ(next_error(connected.server.get()), 0);
  }
}

}  // namespace podrun::ns

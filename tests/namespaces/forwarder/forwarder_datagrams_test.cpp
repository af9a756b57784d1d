// Datagrams through a forwarder: each client has a session, and answers come from where it has sent to.
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>

#include <set>
#include <string>

#include "tests/namespaces/forwarder/forwarder_world.hpp"

namespace podrun::ns {
namespace {

/// A datagram as the pod's server got it, with the address of who has sent it.
struct Received {
  std::string text;
  sockaddr_storage from{};
  socklen_t length = sizeof(sockaddr_storage);

  std::uint16_t port() const {
    return ntohs(from.ss_family == AF_INET ? reinterpret_cast<const sockaddr_in&>(from).sin_port
                                           : reinterpret_cast<const sockaddr_in6&>(from).sin6_port);
  }
};

Received receive(const Endpoint& server) {
  Received received;
  std::string buffer(65536, 0);
  if (!waits_for(server.socket.get(), POLLIN)) {
    ADD_FAILURE() << "no datagram comes";
    return received;
  }
  const ssize_t length = ::recvfrom(server.socket.get(), buffer.data(), buffer.size(), MSG_DONTWAIT,
                                    reinterpret_cast<sockaddr*>(&received.from), &received.length);
  received.text = buffer.substr(0, length < 0 ? 0 : static_cast<std::size_t>(length));
  return received;
}

void answer(const Endpoint& server, const Received& question, std::string_view text) {
  EXPECT_EQ(::sendto(server.socket.get(), text.data(), text.size(), 0,
                     reinterpret_cast<const sockaddr*>(&question.from), question.length),
            static_cast<ssize_t>(text.size()));
}

void send(const Fd& client, std::string_view text) {
  EXPECT_EQ(::send(client.get(), text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
}

/// What a client that is connected to an address gets from just that.
std::string received_by(const Fd& client) {
  std::string buffer(65536, 0);
  if (!waits_for(client.get(), POLLIN)) return "nothing";
  const ssize_t length = ::recv(client.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
  return length < 0 ? "an error" : buffer.substr(0, static_cast<std::size_t>(length));
}

class RootForwarderDatagrams : public testing::Test {
 protected:
  ForwarderWorld world_;
  Endpoint port_ = world_.host_socket("0.0.0.0", SOCK_DGRAM), server_ = world_.pod_socket(pod_v4, SOCK_DGRAM);
  Endpoint at_loopback_{Fd(), "127.0.0.1", port_.port};
};

/// Where a client sends to, and where the pod listens.
struct Way {
  const char* bound;
  const char* sent_to;
  const char* pod;
};

}  // namespace

TEST(RootForwarderDatagramFamilies, AnswersComeFromTheAddressThatWasSentTo) {
  const ForwarderWorld world;
  for (const Way& way : {Way{"127.0.0.1", "127.0.0.1", pod_v4}, Way{"0.0.0.0", "127.0.0.7", pod_v4},
                         Way{"::1", "::1", pod_v6}, Way{"::", "::1", pod_v4}, Way{"0.0.0.0", "127.0.0.1", pod_v6}}) {
    const Endpoint port = world.host_socket(way.bound, SOCK_DGRAM), server = world.pod_socket(way.pod, SOCK_DGRAM);
    const ForwarderRun forwarder(world, {forwarded(port, server, IPPROTO_UDP)});
    const Fd client = world.client_of({Fd(), way.sent_to, port.port}, SOCK_DGRAM);
    send(client, "question");
    const Received question = receive(server);
    EXPECT_EQ(question.text, "question");
    answer(server, question, "answer");
    EXPECT_EQ(received_by(client), "answer") << way.sent_to;
  }
}

TEST_F(RootForwarderDatagrams, EachClientGetsItsOwnAnswers) {
  const ForwarderRun forwarder(world_, {forwarded(port_, server_, IPPROTO_UDP)});
  std::vector<Fd> clients;
  std::vector<Received> questions;
  for (int i = 0; i < 50; ++i) {
    clients.push_back(world_.client_of(at_loopback_, SOCK_DGRAM));
    send(clients.back(), std::to_string(i));
    questions.push_back(receive(server_));
    EXPECT_EQ(questions.back().text, std::to_string(i));
  }
  for (std::size_t i = clients.size(); i-- > 0;) answer(server_, questions[i], "answer " + questions[i].text);
  for (std::size_t i = 0; i < clients.size(); ++i) EXPECT_EQ(received_by(clients[i]), "answer " + std::to_string(i));
}

TEST_F(RootForwarderDatagrams, TheLargestAndTheSmallestAreKeptWhole) {
  const ForwarderRun forwarder(world_, {forwarded(port_, server_, IPPROTO_UDP)});
  const Fd client = world_.client_of(at_loopback_, SOCK_DGRAM);
  for (const std::size_t size : {std::size_t{65507}, std::size_t{0}, std::size_t{1}}) {
    send(client, std::string(size, 'x'));
    const Received question = receive(server_);
    EXPECT_EQ(question.text.size(), size);
    answer(server_, question, std::string(size, 'y'));
    EXPECT_EQ(received_by(client), std::string(size, 'y'));
  }
}

TEST_F(RootForwarderDatagrams, AServerThatComesLaterIsReached) {
  const ForwarderRun forwarder(world_, {forwarded(port_, server_, IPPROTO_UDP)});
  const Fd client = world_.client_of(at_loopback_, SOCK_DGRAM);
  send(client, "first");
  EXPECT_EQ(receive(server_).text, "first");
  server_.socket.reset();
  for (int i = 0; i < 10; ++i) send(client, "lost");
  server_ = world_.pod_socket(pod_v4, SOCK_DGRAM, server_.port);
  std::string text;
  do {
    send(client, "second");
    text = receive(server_).text;
  } while (text == "lost");
  EXPECT_EQ(text, "second");
}

TEST_F(RootForwarderDatagrams, OneClientMoreThanThereIsRoomForTakesThePlaceOfTheLongestIdle) {
  const ForwarderRun forwarder(world_, {forwarded(port_, server_, IPPROTO_UDP)});
  std::vector<Fd> clients;
  std::vector<std::uint16_t> sessions;
  const auto ask = [&](std::size_t i) {
    send(clients[i], "x");
    return receive(server_).port();
  };
  for (std::size_t i = 0; i < 1024; ++i) {
    clients.push_back(world_.client_of(at_loopback_, SOCK_DGRAM));
    sessions.push_back(ask(i));
  }
  const std::size_t descriptors = forwarder.descriptors();
  EXPECT_EQ(ask(0), sessions[0]) << "its session is in use again";
  for (int i = 0; i < 10; ++i) {
    clients.push_back(world_.client_of(at_loopback_, SOCK_DGRAM));
    ask(clients.size() - 1);
  }
  EXPECT_EQ(forwarder.descriptors(), descriptors);
  EXPECT_EQ(ask(0), sessions[0]);
  EXPECT_EQ(ask(11), sessions[11]);
  EXPECT_NE(ask(1), sessions[1]) << "it was idle longest";
}

TEST_F(RootForwarderDatagrams, AFloodOfClientsOfOnePortLeavesAnotherAlone) {
  const Endpoint other_port = world_.host_socket("127.0.0.1", SOCK_DGRAM);
  const Endpoint other_server = world_.pod_socket(pod_v4, SOCK_DGRAM);
  const ForwarderRun forwarder(
      world_, {forwarded(port_, server_, IPPROTO_UDP), forwarded(other_port, other_server, IPPROTO_UDP)});
  const Fd quiet = world_.client_of(other_port, SOCK_DGRAM);
  send(quiet, "before");
  const Received before = receive(other_server);
  for (int i = 0; i < 3000; ++i) {
    const Fd client = world_.client_of(at_loopback_, SOCK_DGRAM);
    send(client, "flood");
    if (i % 100 != 0) continue;
    EXPECT_EQ(receive(server_).text, "flood");
  }
  answer(other_server, before, "after");
  EXPECT_EQ(received_by(quiet), "after");
}

TEST_F(RootForwarderDatagrams, ASessionEndsAfterItsTimeAndThenTheForwarder) {
  ForwarderRun forwarder(world_, {forwarded(port_, server_, IPPROTO_UDP)}, {.idle = 1, .session = 1});
  const Fd client = world_.client_of(at_loopback_, SOCK_DGRAM);
  send(client, "x");
  EXPECT_EQ(receive(server_).text, "x");
  EXPECT_EQ(forwarder.exit_code(), 0);
}

}  // namespace podrun::ns

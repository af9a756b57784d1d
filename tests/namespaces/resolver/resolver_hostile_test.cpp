// A pod that feeds its resolver with rubbish. After each attack the resolver answers as before, within its memory.
#include <gtest/gtest.h>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>

#include <cstdlib>
#include <filesystem>
#include <random>

#include "namespaces/kernel/files.hpp"
#include "namespaces/resolver/connections.hpp"
#include "tests/namespaces/resolver/resolver_run.hpp"

namespace podrun::ns {
namespace {

using resolver::Message;
using resolver::Rcode;
using namespace std::string_view_literals;

class RootResolverHostile : public testing::Test {
 protected:
  RootResolverHostile() { world_.publish(make_pod("web", {"10.77.0.2"})); }

  bool answers(Client::By by = Client::By::Udp) const {
    const auto answer = Client(world_, by).ask(query_for("web.default.svc.cluster.local"));
    return answer && resolver::records_of(*answer) && resolver::records_of(*answer)->size() == 1;
  }
  void TearDown() override {
    EXPECT_TRUE(answers());
    EXPECT_TRUE(answers(Client::By::Tcp));
    EXPECT_LT(std::strtol(resolver_.status("VmHWM").c_str(), nullptr, 10), 48 * 1024) << "KiB";
  }

  ResolverWorld world_;
  Upstream upstream_{world_, "127.0.0.1", answering("192.0.2.7")};
  ResolverRun resolver_{world_, {"127.0.0.1"}};
};

/// Whether the resolver closes the connection.
bool is_closed(const Client& client, std::chrono::milliseconds timeout) {
  pollfd ready{client.fd(), POLLIN, 0};
  char byte;
  return ::poll(&ready, 1, static_cast<int>(timeout.count())) == 1 && ::recv(client.fd(), &byte, 1, 0) <= 0;
}

/// Reads what is there, until a query for a name with this id is answered.
void read_until(const Client& client, std::uint16_t id) {
  for (;;) {
    client.send(query_for("web", 1, id));
    while (const auto answer = client.receive(std::chrono::milliseconds(1000)))
      if (((*answer)[0] << 8 | (*answer)[1]) == id && resolver::code_of(*answer) == Rcode::NoError) return;
  }
}

}  // namespace

TEST_F(RootResolverHostile, RandomDatagrams) {
  std::mt19937 random(1);
  const Client client(world_);
  for (int i = 0; i < 20'000; ++i) {
    Message message = i % 2 == 0 ? query_for("web") : Message(random() % 600);
    if (i % 2 == 0) message[random() % message.size()] = static_cast<unsigned char>(random());
    else
      for (auto& byte : message) byte = static_cast<unsigned char>(random());
    client.send(message);
  }
  read_until(client, 4711);
}

TEST_F(RootResolverHostile, EmptyHalfAndLargeDatagramsAndReplies) {
  const Client client(world_);
  const Message query = query_for("web");
  for (std::size_t length = 0; length < query.size(); ++length)
    client.send(Message(query.begin(), query.begin() + static_cast<long>(length)));
  for (const std::size_t length : {4096U, 4097U, 20'000U, 65'000U}) client.send(Message(length, 0));
  Message reply = query;
  reply[2] |= 0x80;
  client.send(reply);
  read_until(client, 4711);
  // A reply is not answered: nothing comes before the answer to what follows it.
  client.send(reply);
  const auto answer = client.ask(query_for("web", 1, 99));
  ASSERT_TRUE(answer);
  EXPECT_EQ((*answer)[1], 99);
}

TEST_F(RootResolverHostile, TenThousandQueriesAtOnce) {
  for (const std::string name : {"example.org", "web", "unknown.svc.cluster.local"}) {
    const Client client(world_);
    for (std::uint16_t id = 0; id < 10'000; ++id) client.send(query_for(name, 1, id));
  }
  const Client client(world_);
  read_until(client, 4711);
}

TEST_F(RootResolverHostile, AQueryWithALargeRecordBehindIt) {
  const Client client(world_);
  Message query = query_for("web");  // it ends with EDNS0, whose last two bytes are its length
  query[query.size() - 2] = 0x0f;
  query.resize(query.size() + 0x0f00);
  EXPECT_TRUE(client.ask(query));
  query = query_for("web");
  query[11] = 0xff;
  query.resize(query.size() + 254 * 11);
  const auto answer = client.ask(query);
  ASSERT_TRUE(answer);
  EXPECT_EQ(resolver::code_of(*answer), Rcode::FormatError);
}

TEST_F(RootResolverHostile, ConnectionsThatSayNothingMakeRoomForThoseThatDo) {
  std::vector<Client> silent;
  for (std::size_t i = 0; i < 4 * resolver::most_connections; ++i) {
    silent.emplace_back(world_, Client::By::Tcp);
    silent.back().send_raw(i % 2 == 0 ? "" : std::string_view("\0\x1d\0", 3));
  }
  EXPECT_TRUE(answers(Client::By::Tcp));
  EXPECT_TRUE(is_closed(silent.front(), std::chrono::seconds(10)));
  EXPECT_LT(std::distance(std::filesystem::directory_iterator("/proc/" + std::to_string(resolver_.pid()) + "/fd"), {}),
            static_cast<long>(resolver::most_connections) + 16);
}

TEST_F(RootResolverHostile, AConnectionThatSaysNothingIsClosedAfterItsTime) {
  const Client client(world_, Client::By::Tcp);
  client.send_raw(std::string_view("\0\x1d\0", 3));
  EXPECT_FALSE(is_closed(client, std::chrono::seconds(3)));
  EXPECT_TRUE(is_closed(client, std::chrono::seconds(20)));
}

TEST_F(RootResolverHostile, ConnectionsWithRubbishAreClosed) {
  for (const std::string_view bytes : {"\0\0"sv, "\xff\xff"sv, "\x10\x01"sv, "\0\x0b" "abcdefghijk"sv}) {
    const Client client(world_, Client::By::Tcp);
    client.send_raw(bytes);
    EXPECT_TRUE(is_closed(client, std::chrono::seconds(5)));
  }
  const Client fault(world_, Client::By::Tcp);
  const auto answer = fault.ask(Message(12, 0));
  ASSERT_TRUE(answer);
  EXPECT_EQ(resolver::code_of(*answer), Rcode::FormatError);
}

TEST_F(RootResolverHostile, AConnectionThatReadsNoAnswers) {
  for (int i = 0; i < 500; ++i)
    world_.publish(make_pod("many-" + std::to_string(i), {"10.77.2." + std::to_string(i % 250)}, {{"app", "many"}}));
  resolver::PublishedPod web = make_pod("web", {"10.77.0.2"});
  web.services = {{.namespace_name = "default", .name = "many", .selector = {{"app", "many"}}}};
  world_.publish(web);
  const Client client(world_, Client::By::Tcp);
  ::fcntl(client.fd(), F_SETFL, O_NONBLOCK);
  for (int i = 0; i < 20'000; ++i) client.send(query_for("many"));
  EXPECT_TRUE(answers(Client::By::Tcp));
}

TEST_F(RootResolverHostile, ManyQueriesInOneConnectionAreAnsweredInTurn) {
  const Client client(world_, Client::By::Tcp);
  for (std::uint16_t id = 0; id < 100; ++id) client.send(query_for(id % 2 == 0 ? "web" : "example.org", 1, id));
  for (int id = 0; id < 100; ++id) {
    const auto answer = client.receive();
    ASSERT_TRUE(answer);
    EXPECT_EQ((*answer)[1], id);
  }
}

TEST_F(RootResolverHostile, AFolderOfMoreNamesThanItReads) {
  for (int i = 0; i < 1500; ++i) world_.publish(make_pod("pod-" + std::to_string(i), {"10.77.3.1"}));
  const std::string text = "podrun-names 1\npod default large-", labels = [] {
    std::string lines;
    for (int i = 0; i < 9'000; ++i) lines += "service a" + std::to_string(i) + " b\n";
    return lines + "end\n";
  }();
  for (int i = 0; i < 40; ++i) {
    const std::string name = std::to_string(i);
    ASSERT_TRUE(write_file(world_.names() + "/default_large-" + name, text + name + "\n" + labels, 0644));
  }
  EXPECT_TRUE(Client(world_).ask(query_for("unknown.svc.cluster.local")));
  for (const auto& entry : std::filesystem::directory_iterator(world_.names()))
    if (entry.path().filename() != "default_web") std::filesystem::remove(entry);
}

}  // namespace podrun::ns

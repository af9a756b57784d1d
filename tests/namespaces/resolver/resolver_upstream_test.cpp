// A resolver and upstreams that fail or lie.
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <random>
#include <set>

#include "namespaces/resolver/address_names.hpp"
#include "namespaces/resolver/forwarder.hpp"
#include "tests/namespaces/resolver/resolver_run.hpp"

namespace podrun::ns {
namespace {

using resolver::Bytes;
using resolver::Message;
using resolver::Rcode;

class RootResolverUpstream : public testing::Test {
 protected:
  ResolverWorld world_;
};

/// The answer as words: "192.0.2.7", or "code N".
std::string words_of(const std::optional<Message>& answer) {
  if (!answer) return "no answer";
  if (resolver::code_of(*answer) != Rcode::NoError)
    return "code " + std::to_string(static_cast<int>(resolver::code_of(*answer)));
  const auto records = resolver::records_of(*answer);
  std::string text;
  for (const auto& record : records.value_or(std::vector<resolver::Record>{}))
    if (const auto* const address = std::get_if<pod::IpAddress>(&record.data))
      text += (text.empty() ? "" : " ") + resolver::address_text(*address);
  return text;
}

std::string ask(const ResolverWorld& world, const std::string& name = "example.org") {
  return words_of(Client(world).ask(query_for(name)));
}

Message changed(Message message, std::size_t at, unsigned char bits) {
  message[at] ^= bits;
  return message;
}

/// An upstream that sends what `lie` makes of the right answer, and then the right answer.
template <typename Lie>
Upstream::Serve lying(Lie lie) {
  return [lie](const Asked& asked) {
    Messages messages = lie(address_for(asked.query, "192.0.2.66"));
    messages.push_back(address_for(asked.query, "192.0.2.7"));
    return messages;
  };
}

/// Holds the threads that wait at it until it is opened.
class Gate {
 public:
  void wait() {
    std::unique_lock lock(mutex_);
    opened_.wait(lock, [this] { return is_open_; });
  }
  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    opened_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable opened_;
  bool is_open_ = false;
};

}  // namespace

TEST_F(RootResolverUpstream, IsAskedFromAPortAndWithAnIdThatNobodyKnows) {
  std::set<std::uint16_t> ports, ids;
  const Upstream upstream(world_, "127.0.0.1", [&](const Asked& asked) {
    ports.insert(reinterpret_cast<const sockaddr_in&>(asked.client).sin_port);
    ids.insert(static_cast<std::uint16_t>(asked.query[0] << 8 | asked.query[1]));
    return Messages{address_for(asked.query, "192.0.2.7")};
  });
  const ResolverRun run(world_, {"127.0.0.1"});
  const Client client(world_);
  for (std::uint16_t i = 0; i < 100; ++i) {
    const auto answer = client.ask(query_for("example.org", 1, 7));
    ASSERT_EQ(words_of(answer), "192.0.2.7");
    EXPECT_EQ((*answer)[1], 7) << "the client sees its own id";
  }
  EXPECT_GT(ids.size(), 90U);
  EXPECT_GT(ports.size(), 50U);
}

TEST_F(RootResolverUpstream, MayHaveAnIpv6Address) {
  const Upstream upstream(world_, "::1", answering("192.0.2.7"));
  const ResolverRun run(world_, {"fe80::1%gone", "::1"});
  EXPECT_EQ(ask(world_), "192.0.2.7");
  EXPECT_EQ(words_of(Client(world_, Client::By::Tcp).ask(query_for("example.org"))), "192.0.2.7");
}

TEST_F(RootResolverUpstream, ALieIsIgnoredAndTheRightAnswerTaken) {
  const std::vector<std::pair<const char*, std::function<Messages(Message)>>> lies{
      {"a wrong id", [](Message m) { return Messages{changed(m, 0, 1), changed(m, 1, 0x80)}; }},
      {"another name", [](Message m) { return Messages{changed(m, 13, 1)}; }},
      {"another type", [](Message m) { return Messages{changed(m, 26, 1)}; }},
      {"half of it", [](Message m) { return Messages{Message(m.begin(), m.end() - 1)}; }},
      {"a query", [](Message m) { return Messages{changed(m, 2, 0x80)}; }},
      {"no question", [](Message m) { return Messages{changed(m, 5, 1)}; }},
      {"nothing", [](Message) { return Messages{Message{}, Message(1), Message(11)}; }},
      {"garbage", [](Message m) { return Messages{Message(500, 0xc0), Message(m.begin(), m.begin() + 12)}; }},
      {"bytes behind the end", [](Message m) { m.resize(60000); return Messages{m}; }},
      {"a name that leads to itself", [](Message m) { m[12] = 0xc0, m[13] = 12; return Messages{m}; }},
  };
  for (const auto& [what, lie] : lies) {
    const Upstream upstream(world_, "127.0.0.1", lying(lie));
    const ResolverRun run(world_, {"127.0.0.1"});
    EXPECT_EQ(ask(world_), "192.0.2.7") << what;
  }
}

TEST_F(RootResolverUpstream, AnAnswerFromElsewhereIsNotTaken) {
  const Upstream upstream(world_, "127.0.0.1", [&](const Asked& asked) {
    const Message forged = address_for(asked.query, "192.0.2.66");
    // From another address and the right port, and from the right address and another port.
    for (const auto& [address, port] : {std::pair{0x7f000009U, 53}, std::pair{0x7f000001U, 54}}) {
      const Fd other(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
      sockaddr_in from{};
      from.sin_family = AF_INET;
      from.sin_port = htons(static_cast<std::uint16_t>(port));
      from.sin_addr.s_addr = htonl(address);
      EXPECT_EQ(::bind(other.get(), reinterpret_cast<sockaddr*>(&from), sizeof from), 0);
      EXPECT_GT(::sendto(other.get(), forged.data(), forged.size(), 0,
                         reinterpret_cast<const sockaddr*>(&asked.client), sizeof(sockaddr_in)), 0);
    }
    return Messages{address_for(asked.query, "192.0.2.7")};
  });
  const ResolverRun run(world_, {"127.0.0.1"});
  EXPECT_EQ(ask(world_), "192.0.2.7");
}

TEST_F(RootResolverUpstream, TheNextIsAskedIfOneIsSilentRefusesOrIsNotThere) {
  const Upstream right(world_, "127.0.0.2", answering("192.0.2.7"));
  {
    const Upstream silent(world_, "127.0.0.1", [](const Asked&) { return Messages{}; });
    const ResolverRun run(world_, {"127.0.0.1", "127.0.0.2"});
    EXPECT_EQ(ask(world_), "192.0.2.7");
    EXPECT_EQ(ask(world_), "192.0.2.7");
    EXPECT_EQ(silent.by_udp(), 1) << "the one that has answered is preferred";
  }
  {
    const Upstream refusing(world_, "127.0.0.1", [](const Asked& asked) {
      return Messages{build_error(*resolver::parse_query(asked.query), Rcode::Refused)};
    });
    const ResolverRun run(world_, {"127.0.0.1", "127.0.0.2"});
    EXPECT_EQ(ask(world_), "192.0.2.7");
  }
  const ResolverRun run(world_, {"127.0.0.1", "192.0.2.99", "127.0.0.2"});  // a closed port, and no route
  EXPECT_EQ(ask(world_), "192.0.2.7");
}

TEST_F(RootResolverUpstream, IfNoneAnswersTheClientIsToldSo) {
  const Upstream silent(world_, "127.0.0.1", [](const Asked&) { return Messages{}; });
  {
    const ResolverRun run(world_, {"127.0.0.1"});
    EXPECT_EQ(ask(world_), "code 2");
    EXPECT_EQ(silent.by_udp(), 2) << "a datagram may be lost";
    EXPECT_EQ(words_of(Client(world_, Client::By::Tcp).ask(query_for("example.org"))), "code 2");
  }
  const ResolverRun none(world_, {});
  EXPECT_EQ(ask(world_), "code 2");
}

TEST_F(RootResolverUpstream, ATruncatedAnswerIsReadByTcp) {
  const Upstream upstream(world_, "127.0.0.1", [](const Asked& asked) {
    return Messages{addresses_for(asked.query, 200, asked.by_tcp ? resolver::longest_message : 512)};
  });
  const ResolverRun run(world_, {"127.0.0.1"});
  const std::string text = world_.dig({"example.org"});
  EXPECT_EQ(std::ranges::count(text, ' '), 199);
  EXPECT_EQ(upstream.by_tcp(), 1);
}

TEST_F(RootResolverUpstream, AnAnswerThatIsTooLargeOrCutOffIsMarkedAsTruncated) {
  bool is_cut_off = false;
  const Upstream upstream(world_, "127.0.0.1", [&](const Asked& asked) {
    Message message = addresses_for(asked.query, 3000, resolver::longest_message);
    if (is_cut_off) {
      message.resize(400);
      message[2] |= 2;
    }
    return Messages{message};
  });
  const ResolverRun run(world_, {"127.0.0.1"});
  for (const bool cut_off : {false, true}) {
    is_cut_off = cut_off;
    const auto answer = Client(world_).ask(query_for("example.org"));
    ASSERT_TRUE(answer);
    EXPECT_LE(answer->size(), 512U);
    EXPECT_EQ(resolver::kind_of_reply(query_for("example.org"), *answer), resolver::ReplyKind::Truncated);
  }
}

TEST_F(RootResolverUpstream, AnAliasIsFollowedByTcpAndItsLiesAreFailures) {
  resolver::PublishedPod pod = make_pod("web", {"10.77.0.2"});
  pod.services = {{.namespace_name = "default", .name = "outside", .external_name = "mail.example.org"}};
  world_.publish(pod);
  enum { Long, Many, Unknown, Loop } how = Long;
  const Upstream upstream(world_, "127.0.0.1", [&](const Asked& asked) {
    const auto query = *resolver::parse_query(asked.query);
    EXPECT_EQ(query.question.name, "mail.example.org");
    if (how == Unknown) return Messages{build_answer(query, {.outcome = resolver::Outcome::NoSuchName}, 512)};
    if (how == Many) return Messages{addresses_for(asked.query, 3000, resolver::longest_message)};
    if (how == Long) return Messages{addresses_for(asked.query, 60, asked.by_tcp ? 4000 : 512)};
    Message message = build_answer(
        query, {.records = {{query.question.name, resolver::RecordType::Cname, resolver::NameData{"a"}}}}, 512);
    const std::size_t at = message.size() - 11 - 3;
    message[at] = 0xc0, message[at + 1] = static_cast<unsigned char>(at);
    return Messages{message};
  });
  const ResolverRun run(world_, {"127.0.0.1"});
  const std::string name = "outside.default.svc.cluster.local";
  EXPECT_EQ(std::ranges::count(world_.dig({name}), ' '), 60);
  EXPECT_GE(upstream.by_tcp(), 1);
  how = Unknown;
  EXPECT_EQ(ask(world_, name), "code 3");
  how = Many;
  EXPECT_EQ(ask(world_, name), "code 2");
  how = Loop;
  EXPECT_EQ(ask(world_, name), "code 2");
}

TEST_F(RootResolverUpstream, TooManyQueriesInFlightEndTheOldest) {
  Gate gate;
  const Upstream upstream(world_, "127.0.0.1", [&](const Asked& asked) {
    gate.wait();
    return Messages{address_for(asked.query, "192.0.2.7")};
  });
  world_.publish(make_pod("web", {"10.77.0.2"}));
  const ResolverRun run(world_, {"127.0.0.1"});
  const Client client(world_);
  constexpr std::uint16_t more = 10;
  std::set<int> ended;
  for (std::uint16_t id = 0; id < resolver::most_in_flight + more; ++id) {
    client.send(query_for("example.org", 1, id));
    // A query that podrun answers itself says that those before it were read.
    if (id % 32 == 31) {
      const Client other(world_);
      ASSERT_EQ(words_of(other.ask(query_for("web"))), "10.77.0.2") << "names of pods do not wait for upstreams";
    }
  }
  for (int i = 0; i < more; ++i) {
    const auto answer = client.receive();
    ASSERT_EQ(words_of(answer), "code 2");
    ended.insert((*answer)[0] << 8 | (*answer)[1]);
  }
  EXPECT_EQ(ended.size(), more);
  EXPECT_EQ(*ended.rbegin(), more - 1) << "the oldest";
  gate.open();
}

}  // namespace podrun::ns

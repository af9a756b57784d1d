// The supervisor and its probers. A prober here is a process of the test: an honest one, or one that was taken over and
// sends what it likes.
#include <gtest/gtest.h>

#include <signal.h>
#include <sys/socket.h>

#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/child_task.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/network/network_prober.hpp"

namespace podrun::supervisor {
namespace {

using std::chrono::seconds;

pod::Probe probe_of(pod::ProbeAction action) { return {.action = std::move(action), .failure_threshold = 1}; }

constexpr ProbeKey key{.container = 0, .kind = pod::ProbeKind::Liveness};

/// Receives a request; empty at the end of the socket.
std::optional<prober::Request> next_request(int socket) {
  std::string bytes(prober::longest_request, '\0');
  const ssize_t length = ::recv(socket, bytes.data(), bytes.size(), 0);
  if (length <= 0) return std::nullopt;
  return prober::decode(std::string_view(bytes).substr(0, static_cast<std::size_t>(length)));
}

void say(int socket, std::uint64_t id, bool succeeded, std::string_view text = "") {
  const prober::Verdict verdict = prober::make_verdict(id, succeeded, text);
  ::send(socket, &verdict, sizeof verdict, MSG_NOSIGNAL);
}

/// What a prober of the test does with its socket; when it returns, the process ends.
using Behaviour = std::function<void(int socket)>;

struct Report {
  bool succeeded;
  std::string text;
  bool operator==(const Report&) const = default;
};

class NetworkProbes : public testing::Test {
 protected:
  NetworkProber::Report report() {
    return [this](bool succeeded, std::string text) { reports_.push_back({succeeded, std::move(text)}); };
  }
  void start(ProbeKey which = key) {
    const auto started = prober_.start(which, probe_of(pod::TcpSocketAction{.host = "", .port = {.number = 80}}),
                                       seconds(5), report());
    ASSERT_TRUE(started) << started.error().message;
  }
  /// The behaviour of the first process, of the second …; the last one repeats.
  void probers_do(std::vector<Behaviour> behaviours) { behaviours_ = std::move(behaviours); }
  void run_until(const std::function<bool()>& done) {
    bool late = false;
    const auto timer = loop_.at(boot_now() + seconds(20), [&] { late = true; });
    ASSERT_TRUE(loop_.run_until([&] { return late || done(); }));
    EXPECT_FALSE(late);
  }

  Result<ns::StartedProber> start_process() {
    auto [ours, theirs] = ns::make_socket_pair().value();
    const Behaviour behaviour = behaviours_.at(std::min(static_cast<std::size_t>(started_), behaviours_.size() - 1));
    ++started_;
    auto process = ns::run_in_child([&] {
      ours.reset();
      behaviour(theirs.get());
      return 0;
    });
    return ns::StartedProber{std::move(*process), std::move(ours)};
  }

  EventLoop loop_;
  std::vector<Report> reports_;
  std::vector<Behaviour> behaviours_;
  int started_ = 0;
  std::map<std::size_t, NetworkId> networks_;
  NetworkProber prober_{{.loop = loop_,
                         .network_of = [this](std::size_t container) { return networks_[container]; },
                         .start_prober = [this](std::size_t) { return start_process(); }}};
};

void serve_until_end(int socket) {
  while (next_request(socket)) {}
}

}  // namespace

TEST(NetworkRequests, AnActionIsSentToTheLoopbackInterfaceUnlessItNamesAHost) {
  const auto tcp = request_of(probe_of(pod::TcpSocketAction{.host = "", .port = {.number = 80}}));
  EXPECT_EQ(tcp->host, "127.0.0.1");
  EXPECT_EQ(tcp->kind, prober::Kind::Tcp);
  EXPECT_EQ(tcp->period, 10'000'000'000);
  const auto get = request_of(probe_of(pod::HttpGetAction{
      .host = "10.0.0.1", .port = {.number = 443}, .path = "/x", .https = true, .headers = {{"A", "b"}}}));
  EXPECT_EQ(get->host, "10.0.0.1");
  EXPECT_EQ(get->kind, prober::Kind::Https);
  EXPECT_EQ(get->headers, (std::vector<prober::Header>{{"A", "b"}}));
  EXPECT_EQ(request_of(probe_of(pod::GrpcAction{.port = {.number = 9}, .service = "db"}))->path, "db");
  EXPECT_FALSE(request_of(probe_of(pod::ExecAction{})));
  EXPECT_FALSE(request_of(pod::HookAction(pod::TcpSocketAction{}), seconds(1)));
  EXPECT_EQ(request_of(pod::HookAction(pod::HttpGetAction{}), seconds(1))->op, prober::Op::Once);
}

TEST(VerdictBudgets, ThereIsOneVerdictAPeriodAndTwoMore) {
  VerdictBudget budget(seconds(10), seconds(100));
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(budget.take(seconds(100)));
  EXPECT_FALSE(budget.take(seconds(109)));
  EXPECT_TRUE(budget.take(seconds(120)));
}

TEST_F(NetworkProbes, AVerdictIsReported) {
  probers_do({[](int socket) {
    const auto request = next_request(socket);
    if (request && request->due == 5'000'000'000) say(socket, request->id, false, "no");
    serve_until_end(socket);
  }});
  start();
  run_until([&] { return !reports_.empty(); });
  EXPECT_EQ(reports_, (std::vector<Report>{{false, "no"}}));
  EXPECT_EQ(started_, 1);
}

TEST_F(NetworkProbes, TheTextOfAServerIsMadeHarmless) {
  probers_do({[](int socket) {
    say(socket, next_request(socket)->id, false, "a\nb\r\x1b]0;title\x07\x1b[31mred\xff\x9b");
    serve_until_end(socket);
  }});
  start();
  run_until([&] { return !reports_.empty(); });
  for (const char c : reports_[0].text) EXPECT_FALSE(static_cast<unsigned char>(c) < 0x20 || c == 0x7f);
  EXPECT_EQ(reports_[0].text.find("title"), std::string::npos);
}

TEST_F(NetworkProbes, AProberThatEndsIsStartedAgainWithTheSameProbes) {
  probers_do({[](int) {}, [](int) { ::raise(SIGSEGV); },
              [](int socket) {
                say(socket, next_request(socket)->id, true);
                serve_until_end(socket);
              }});
  start();
  run_until([&] { return !reports_.empty(); });
  EXPECT_EQ(started_, 3);
  EXPECT_EQ(reports_, (std::vector<Report>{{true, ""}}));
}

TEST_F(NetworkProbes, AVerdictMayComeAgainFromTheNextProber) {
  const auto fails_once = [](int socket) { say(socket, next_request(socket)->id, false, "no"); };
  probers_do({fails_once, fails_once, serve_until_end});
  start();
  run_until([&] { return reports_.size() == 2; });
}

// Each of these is sent only by a prober that was taken over.
TEST_F(NetworkProbes, AProberThatBreaksTheProtocolIsKilled) {
  const auto raw = [](std::string bytes) {
    return [bytes](int socket) {
      next_request(socket);
      ::send(socket, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      serve_until_end(socket);
    };
  };
  const auto verdict = [](std::uint64_t id, std::uint32_t succeeded, std::uint32_t length) {
    const prober::Verdict sent{.id = id, .succeeded = succeeded, .length = length};
    return std::string(reinterpret_cast<const char*>(&sent), sizeof sent);
  };
  const Behaviour attacks[] = {
      raw("x"),
      raw(std::string(100'000, 'x')),
      raw(verdict(1, 2, 0)),
      raw(verdict(1, 1, 513)),
      raw(verdict(1, 1, UINT32_MAX)),
      raw(verdict(99, 1, 0)),
      raw(verdict(0, 1, 0) + "x"),
      [](int socket) {
        next_request(socket);
        for (;;) say(socket, 1, true);  // of a probe that was removed long ago
      },
      [](int socket) {
        const auto id = next_request(socket)->id;
        for (;;) say(socket, id, true);  // the same verdict twice
      },
      [](int socket) {
        const auto id = next_request(socket)->id;
        for (bool succeeded = true;; succeeded = !succeeded) say(socket, id, succeeded);
      },
  };
  int expected = 0;
  for (const Behaviour& attack : attacks) {
    started_ = 0;
    probers_do({attack, serve_until_end});
    start({.container = static_cast<std::size_t>(++expected), .kind = pod::ProbeKind::Liveness});
    networks_[static_cast<std::size_t>(expected)] = network_of_pod;
    run_until([&] { return started_ == 2; });
    EXPECT_LE(reports_.size(), 3U);
    reports_.clear();
    // A network of its own for the next attack.
    prober_.stop({.container = static_cast<std::size_t>(expected), .kind = pod::ProbeKind::Liveness});
    networks_[static_cast<std::size_t>(expected) + 1] = static_cast<NetworkId>(expected) + 100;
  }
}

TEST_F(NetworkProbes, AVerdictOfAnotherNetworksProbeIsRefused) {
  networks_ = {{0, network_of_pod}, {1, 4711}};
  probers_do({[](int socket) {
                next_request(socket);
                serve_until_end(socket);
              },
              [](int socket) {
                next_request(socket);
                say(socket, 1, false, "forged");
                serve_until_end(socket);
              },
              serve_until_end});
  start();
  start({.container = 1, .kind = pod::ProbeKind::Readiness});
  EXPECT_EQ(prober_.probers(), 2U);
  run_until([&] { return started_ == 3; });
  EXPECT_EQ(reports_, std::vector<Report>{});
}

TEST_F(NetworkProbes, AStoppedProbeIsNotReported) {
  probers_do({[](int socket) {
    const auto first = next_request(socket), removal = next_request(socket), second = next_request(socket);
    if (removal->op == prober::Op::Remove && removal->id == first->id) {
      say(socket, first->id, true);  // it was on its way
      say(socket, second->id, false, "second");
    }
    serve_until_end(socket);
  }});
  start();
  prober_.stop(key);
  start();
  run_until([&] { return !reports_.empty(); });
  EXPECT_EQ(reports_, (std::vector<Report>{{false, "second"}}));
  EXPECT_EQ(started_, 1);
}

TEST_F(NetworkProbes, AReportMayStopAndStartProbes) {
  probers_do({[](int socket) {
    while (const auto request = next_request(socket))
      if (request->op == prober::Op::Add) say(socket, request->id, true);
  }});
  int count = 0;
  const auto tcp = probe_of(pod::TcpSocketAction{.host = "", .port = {.number = 80}});
  std::function<void(bool, std::string)> again = [&](bool, const std::string&) {
    prober_.stop(key);
    if (++count < 5) {
      EXPECT_TRUE(prober_.start(key, tcp, seconds(0), again));
    }
  };
  ASSERT_TRUE(prober_.start(key, tcp, seconds(0), again));
  run_until([&] { return count == 5; });
}

TEST_F(NetworkProbes, TheProberOfAContainersOwnNetworkEndsWithItsLastProbe) {
  networks_ = {{0, 4711}};
  probers_do({serve_until_end});
  start();
  EXPECT_EQ(prober_.probers(), 1U);
  prober_.stop(key);
  run_until([&] { return prober_.probers() == 0; });
  start();  // the next instance
  EXPECT_EQ(prober_.probers(), 1U);
  EXPECT_EQ(started_, 2);
}

TEST_F(NetworkProbes, MoreRequestsThanTheSocketHoldsAreSentAll) {
  constexpr std::size_t many = 720;
  probers_do({[](int socket) {
    for (std::size_t count = 0; count < many; ++count)
      if (const auto request = next_request(socket); count == many - 1) say(socket, request->id, true, "last");
    serve_until_end(socket);
  }});
  for (std::size_t container = 0; container < many; ++container) start({.container = container, .kind = {}});
  run_until([&] { return !reports_.empty(); });
  EXPECT_EQ(reports_[0].text, "last");
  EXPECT_EQ(started_, 1);
}

TEST_F(NetworkProbes, ARequestThatIsTooLongIsAnError) {
  const auto started =
      prober_.start(key, probe_of(pod::HttpGetAction{.path = std::string(200'000, 'x')}), seconds(0), report());
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().message.find("the path and the headers"), 0U);
  EXPECT_EQ(started_, 0);
}

}  // namespace podrun::supervisor

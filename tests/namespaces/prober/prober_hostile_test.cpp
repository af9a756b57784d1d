// Servers that answer against all rules: a prober's time and memory have bounds, its result is right, and other probes
// go on.
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <filesystem>

#include "namespaces/kernel/child_task.hpp"
#include "tests/namespaces/prober/http2_server.hpp"
#include "tests/namespaces/prober/prober_run.hpp"

namespace podrun::ns {
namespace {

using namespace std::string_literals;
using Clock = std::chrono::steady_clock;

constexpr std::int64_t millisecond = 1'000'000;
/// Far more than the time-out of a second, for a busy machine.
constexpr auto bound = std::chrono::seconds(6);
/// In KiB, beside the libraries.
constexpr long most_memory = 48 * 1024;

class RootHostileServer : public testing::Test {
 protected:
  /// Its probe fails within bounds, and the prober then tries another server.
  Seen fails(const Server& server, prober::Request request) {
    request.port = server.port();
    const auto begin = Clock::now();
    const Seen seen = prober_.try_once(std::move(request));
    EXPECT_LT(Clock::now() - begin, bound);
    expect_well();
    EXPECT_FALSE(seen.succeeded) << seen.text;
    return seen;
  }
  Seen fails(Server::Serve serve, prober::Request request = http(0)) {
    const Server server(world_, std::move(serve));
    return fails(server, std::move(request));
  }
  void expect_well() {
    EXPECT_LT(prober_.memory("VmHWM"), most_memory);
    const Server good(world_, answering("HTTP/1.1 200 OK\r\n\r\n"));
    EXPECT_TRUE(prober_.try_once(http(good.port())).succeeded);
    EXPECT_FALSE(prober_.has_ended(0));
  }

  ProberWorld world_;
  ProberRun prober_{world_};
};

/// Sends `piece` until the other end closes.
Server::Serve endlessly(std::string beginning, std::string piece) {
  return [=](int connection) {
    read_request(connection);
    if (!write_all(connection, beginning)) return;
    std::string much;
    while (much.size() < 64 * 1024) much += piece;
    while (write_all(connection, much)) {}
  };
}

Server::Serve http2_endlessly(std::string piece) {
  return [=](int connection) {
    http2::take_request(connection);
    std::string much;
    while (much.size() < 64 * 1024) much += piece;
    while (write_all(connection, much)) {}
  };
}

}  // namespace

TEST_F(RootHostileServer, NeverAnswers) {
  EXPECT_EQ(fails(wait_for_close).text, "timed out after 1s");
  EXPECT_EQ(fails(wait_for_close, grpc(0)).text, "timed out after 1s");
  prober::Request https = http(0);
  https.kind = prober::Kind::Https;
  EXPECT_EQ(fails(wait_for_close, https).text, "timed out after 1s");
}

TEST_F(RootHostileServer, ClosesAtOnce) {
  EXPECT_FALSE(fails([](int) {}).text.empty());
  EXPECT_FALSE(fails([](int) {}, grpc(0)).text.empty());
}

TEST_F(RootHostileServer, SendsHeadersWithoutAnEnd) {
  EXPECT_FALSE(fails(endlessly("HTTP/1.1 200 OK\r\n", "X-A: " + std::string(1000, 'a') + "\r\n")).text.empty());
  EXPECT_FALSE(fails(endlessly("HTTP/1.1 200 OK\r\n", "X: 1\r\n")).text.empty());
  EXPECT_FALSE(fails(endlessly("HTTP/1.1 200 OK\r\nX-A: ", "aaaaaaaaaaaaaaaa")).text.empty());
  EXPECT_FALSE(fails(endlessly("HTTP/1.1 ", "99999999999")).text.empty());
  EXPECT_FALSE(fails(endlessly("", "HTTP/1.1 100 Continue\r\n\r\n")).text.empty());
  EXPECT_FALSE(fails(endlessly("", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")).text.empty());
}

TEST_F(RootHostileServer, SendsWhatIsNoHttp) {
  for (const char* answer :
       {"\xff\xfe\xfd\r\n\r\n", "220 smtp.example ESMTP\r\n", "HTTP/1.1\r\n\r\n", "HTTP/1.1 abc OK\r\n\r\n",
        "HTTP/9.9 200 OK\r\n\r\n", "\r\n\r\n\r\n", "SSH-2.0-OpenSSH\r\n"})
    EXPECT_FALSE(fails(answering(answer)).text.empty()) << answer;
}

// The kubelet reads ten KiB, and then the status decides.
TEST_F(RootHostileServer, SendsABodyWithoutAnEnd) {
  const Server good(world_, endlessly("HTTP/1.1 200 OK\r\n\r\n", "body "));
  EXPECT_TRUE(prober_.try_once(http(good.port())).succeeded);
  const Server chunked(world_, endlessly("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "5\r\nhello\r\n"));
  EXPECT_TRUE(prober_.try_once(http(chunked.port())).succeeded);
  fails(endlessly("HTTP/1.1 503 Away\r\n\r\n", "body "));
  expect_well();
}

// An answer whose body does not end is no result for the kubelet: DoHTTPProbe returns an error, and doProbe throws the
// result away.
TEST_F(RootHostileServer, ABodyThatDoesNotEndChangesNothing) {
  const std::string unfinished[] = {"HTTP/1.1 503 Away\r\nContent-Length: 9\r\n\r\nhell",
                                    "HTTP/1.1 503 Away\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"};
  for (const std::string& answer : unfinished) {
    std::atomic<int> count = 0;
    const Server server(world_, [&](int connection) {
      read_request(connection);
      write_all(connection, ++count < 5 ? answer : "HTTP/1.1 200 OK\r\n\r\n");
    });
    prober::Request request = http(server.port());
    request.period = 10 * millisecond;
    prober_.send(request);
    EXPECT_TRUE(prober_.next().succeeded) << "the first verdict is that of a whole answer";
    prober_.send({.op = prober::Op::Remove, .id = request.id});
  }
}

TEST_F(RootHostileServer, SpeaksNoTls) {
  prober::Request https = http(0);
  https.kind = prober::Kind::Https;
  EXPECT_FALSE(fails(answering("HTTP/1.1 200 OK\r\n\r\n"), https).text.empty());
  const auto tls_garbage = [](std::string bytes) {
    return [bytes](int connection) {
      write_all(connection, bytes);
      wait_for_close(connection);
    };
  };
  EXPECT_FALSE(fails(tls_garbage(std::string(100'000, '\x16')), https).text.empty());
  EXPECT_FALSE(fails(tls_garbage("\x16\x03\x03\x40\x00"s + std::string(16384, '\x02')), https).text.empty());
  EXPECT_FALSE(fails(tls_garbage("\x15\x03\x03\x00\x02\x02\x28"s), https).text.empty());
}

TEST_F(RootHostileServer, FloodsByHttp2) {
  using namespace http2;
  const std::string huge_headers = frame(Headers, 0, 1, "\x88" + header("content-type", "application/grpc"));
  const std::string floods[] = {
      frame(Ping, 0, 0, "12345678"),
      frame(Settings, 0, 0, ""),
      frame(Settings, 0, 0, "\0\4\0\0\xff\xff"s),
      frame(Data, 0, 1, ""),
      frame(Reset, 0, 1, "\0\0\0\1"s),
      frame(Continuation, 0, 1, header("x", std::string(100, 'x'))),
      frame(99, 0, 0, std::string(1000, 'x')),
      frame(8, 0, 0, "\0\0\0\1"s),                     // WINDOW_UPDATE
      frame(2, 0, 1, "\0\0\0\0\1"s),                   // PRIORITY
      frame(5, end_headers, 1, "\0\0\0\2\x82\x84"s),  // PUSH_PROMISE
  };
  for (const std::string& flood : floods) EXPECT_FALSE(fails(http2_endlessly(flood), grpc(0)).text.empty());
  const auto headers_without_end = [&](int connection) {
    take_request(connection);
    write_all(connection, huge_headers);
    std::string more;
    for (int i = 0; i < 100; ++i) more += frame(Continuation, 0, 1, header("x-a", std::string(120, 'x')));
    while (write_all(connection, more)) {}
  };
  EXPECT_FALSE(fails(headers_without_end, grpc(0)).text.empty());
}

TEST_F(RootHostileServer, AnswersGarbageByHttp2) {
  using namespace http2;
  const std::string answers[] = {
      frame(Headers, end_headers, 1, std::string(1000, '\xff')),
      frame(Headers, end_headers, 1, "\x88" + header("content-type", "application/grpc")) +
          frame(Data, end_stream, 1, std::string(16000, 'x')),
      frame(Headers, end_headers | end_stream, 1, header(":status", "abc")),
      frame(Headers, end_headers | end_stream, 3, "\x88"),
      frame(GoAway, 0, 0, std::string(8, '\0')),
      std::string(5000, '\xff'),
      "HTTP/1.1 200 OK\r\n\r\n",
  };
  for (const std::string& answer : answers) {
    const auto serve = [&](int connection) {
      take_request(connection);
      write_all(connection, answer);
      wait_for_close(connection);
    };
    EXPECT_FALSE(fails(serve, grpc(0)).text.empty());
  }
  EXPECT_EQ(fails(http2_endlessly(frame(Headers, end_headers, 1, "\x88") + frame(Data, 0, 1, std::string(9000, 'x'))),
                  grpc(0))
                .text.empty(),
            false);
}

TEST_F(RootHostileServer, ManyAtOnceDoNotDelayTheOthers) {
  const Server silent(world_, wait_for_close);
  for (std::uint64_t id = 1; id <= 300; ++id) {
    prober::Request request = http(silent.port());
    request.id = id;
    request.timeout = 3600'000 * millisecond;
    prober_.send(request);
  }
  const Server good(world_, answering("HTTP/1.1 200 OK\r\n\r\n"));
  const auto begin = Clock::now();
  EXPECT_TRUE(prober_.try_once(http(good.port())).succeeded);
  EXPECT_LT(Clock::now() - begin, bound);
  EXPECT_LT(prober_.memory("VmHWM"), most_memory);
  for (std::uint64_t id = 1; id <= 300; ++id) prober_.send({.op = prober::Op::Remove, .id = id});
}

}  // namespace podrun::ns

// Each action of a prober, and each rule of the kubelet: Kubernetes pkg/probe/{http,tcp,grpc} and their tests.
#include <gtest/gtest.h>

#include "tests/namespaces/prober/http2_server.hpp"
#include "tests/namespaces/prober/prober_run.hpp"

namespace podrun::ns {
namespace {

using namespace std::string_literals;

constexpr std::int64_t millisecond = 1'000'000;

std::string http_answer(std::string_view status, std::string_view headers = "", std::string_view body = "") {
  return "HTTP/1.1 " + std::string(status) + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" +
         std::string(headers) + "\r\n" + std::string(body);
}

/// The path of a request.
std::string path_of(const std::string& request) {
  const auto first = request.find(' ') + 1;
  return request.substr(first, request.find(' ', first) - first);
}

class RootProber : public testing::Test {
 protected:
  ProberWorld world_;
  ProberRun prober_{world_};
};

/// A port that nobody listens to.
std::uint16_t closed_port(const ProberWorld& world) { return Server(world, [](int) {}).port(); }

}  // namespace

TEST_F(RootProber, ConnectsByTcp) {
  const Server server(world_, wait_for_close);
  EXPECT_TRUE(prober_.try_once(tcp(server.port())).succeeded);
  const Seen refused = prober_.try_once(tcp(closed_port(world_)));
  EXPECT_FALSE(refused.succeeded);
  EXPECT_TRUE(refused.text.ends_with(": Connection refused")) << refused.text;
}

TEST_F(RootProber, KnowsLocalhostAndAddressesAndNoNames) {
  const Server server(world_, answering(http_answer("200 OK")));
  for (prober::Request request : {tcp(server.port()), http(server.port())}) {
    request.host = "localhost";
    EXPECT_TRUE(prober_.try_once(request).succeeded);
    request.host = "web.example";
    const Seen seen = prober_.try_once(request);
    EXPECT_FALSE(seen.succeeded);
    EXPECT_EQ(seen.text, "host \"web.example\" is no address: podrun's probes resolve no names");
    request.host = "::1";
    EXPECT_EQ(prober_.try_once(request).text,
              "cannot connect to [::1]:" + std::to_string(server.port()) + ": Connection refused");
  }
}

TEST_F(RootProber, AStatusFrom200To399IsSuccess) {
  const std::tuple<const char*, bool, const char*> cases[] = {
      {"200 OK", true, "HTTP 200"},           {"204 No Content", true, "HTTP 204"},
      {"299 Fine", true, "HTTP 299"},         {"300 Multiple Choices", true, "HTTP 300: not followed"},
      {"304 Not Modified", true, "HTTP 304: not followed"},
      {"399 Odd", true, "HTTP 399: not followed"},
      {"400 Bad Request", false, "HTTP 400"}, {"404 Not Found", false, "HTTP 404"},
      {"503 Away", false, "HTTP 503"},        {"999 Odd", false, "HTTP 999"},
  };
  for (const auto& [status, succeeded, words] : cases) {
    const Server server(world_, answering(http_answer(status)));
    const Seen seen = prober_.try_once(http(server.port()));
    EXPECT_EQ(seen.succeeded, succeeded) << status;
    EXPECT_EQ(seen.text, words);
  }
}

TEST_F(RootProber, SendsTheRequestOfTheKubelet) {
  std::string seen;
  const Server server(world_, [&](int connection) {
    seen = read_request(connection);
    write_all(connection, http_answer("200 OK"));
  });
  const std::string host = "127.0.0.1:" + std::to_string(server.port());
  EXPECT_TRUE(prober_.try_once(http(server.port(), "/healthz?full")).succeeded);
  EXPECT_EQ(seen, "GET /healthz?full HTTP/1.1\r\nHost: " + host +
                      "\r\nUser-Agent: kube-probe/1.35\r\nAccept: */*\r\nConnection: close\r\n\r\n");
  prober::Request request = http(server.port());
  request.headers = {{"Host", "web.example"}, {"User-Agent", ""}, {"Accept", ""}, {"X-A", "1"}, {"X-Empty", ""}};
  EXPECT_TRUE(prober_.try_once(request).succeeded);
  EXPECT_EQ(seen, "GET / HTTP/1.1\r\nHost: web.example\r\nX-A: 1\r\nX-Empty:\r\nConnection: close\r\n\r\n");
}

TEST_F(RootProber, FollowsRedirectsOnTheSameHost) {
  std::vector<std::string> requests;
  const Server other(world_, answering(http_answer("200 OK")));
  const std::string other_port = "http://127.0.0.1:" + std::to_string(other.port()) + "/x";
  const Server server(world_, [&](int connection) {
    requests.push_back(read_request(connection));
    const std::string path = path_of(requests.back());
    const std::string to = path == "/relative"  ? "/good"
                           : path == "/bad"     ? "/missing"
                           : path == "/port"    ? other_port
                           : path == "/other"   ? "http://127.0.0.2/"
                           : path == "/name"    ? "http://localhost/"
                           : path == "/loop"    ? "/loop"
                           : path == "/ftp"     ? "ftp://127.0.0.1/etc/passwd"
                           : path == "/control" ? "http://127.0.0.2/\x1b]0;title\x07"
                           : path == "/high"    ? "http://127.0.0.1:99999/"
                                                : "";
    if (path == "/good") write_all(connection, http_answer("200 OK"));
    else if (to.empty()) write_all(connection, http_answer("404 Not Found"));
    else write_all(connection, http_answer("302 Found", "Location: " + to + "\r\n", "moved"));
  });
  const auto try_path = [&](const char* path) { return prober_.try_once(http(server.port(), path)); };
  EXPECT_EQ(try_path("/relative").text, "HTTP 200");
  EXPECT_EQ(try_path("/bad").text, "HTTP 404");
  EXPECT_EQ(try_path("/port").text, "HTTP 200") << "another port is the same host";
  for (const char* path : {"/other", "/name"}) {
    const Seen seen = try_path(path);
    EXPECT_TRUE(seen.succeeded);
    EXPECT_TRUE(seen.text.find("to another host") != seen.text.npos) << seen.text;
  }
  EXPECT_EQ(try_path("/ftp").text, "HTTP 302: a redirect to a URL of the scheme ftp");
  for (const char* path : {"/control", "/high"}) {
    const Seen seen = try_path(path);
    EXPECT_FALSE(seen.succeeded) << path;
    EXPECT_EQ(seen.text, "HTTP 302 with a Location that is no URL");
  }
  requests.clear();
  const Seen circle = try_path("/loop");
  EXPECT_TRUE(circle.succeeded);
  EXPECT_EQ(circle.text, "HTTP 302: more than 10 redirects");
  EXPECT_EQ(requests.size(), 11U);
}

TEST_F(RootProber, KeepsTheHostHeaderOnARelativeRedirectOnly) {
  std::string last;
  std::string location = "/next";
  const Server server(world_, [&](int connection) {
    const std::string request = read_request(connection);
    if (path_of(request) == "/next") last = request;
    write_all(connection, path_of(request) == "/next" ? http_answer("200 OK")
                                                        : http_answer("301 Moved", "Location: " + location + "\r\n"));
  });
  const std::string authority = "127.0.0.1:" + std::to_string(server.port());
  prober::Request request = http(server.port());
  request.headers = {{"Host", "www.success.com"}, {"X-A", "1"}};
  EXPECT_EQ(prober_.try_once(request).text, "HTTP 200");
  EXPECT_TRUE(last.find("Host: www.success.com\r\n") != last.npos) << last;
  EXPECT_TRUE(last.find("X-A: 1\r\n") != last.npos) << last;
  EXPECT_TRUE(last.find("Referer: http://" + authority + "/\r\n") != last.npos) << last;
  location = "http://" + authority + "/next";
  EXPECT_EQ(prober_.try_once(request).text, "HTTP 200");
  EXPECT_TRUE(last.find("Host: " + authority + "\r\n") != last.npos) << last;
}

TEST_F(RootProber, AsksTheHealthServiceByGrpc) {
  std::string service;
  const Server serving(world_, [&](int connection) {
    service = http2::take_request(connection);
    write_all(connection,
              http2::frame(http2::Headers, http2::end_headers, 1,
                           "\x88" + http2::header("content-type", "application/grpc+proto")) +
                  http2::frame(http2::Data, 0, 1, "\0\0\0\0\2\x08\1"s) +
                  http2::frame(http2::Headers, http2::end_headers | http2::end_stream, 1,
                               http2::header("grpc-status", "0")));
    wait_for_close(connection);
  });
  const Seen seen = prober_.try_once(grpc(serving.port(), "db"));
  EXPECT_TRUE(seen.succeeded) << seen.text;
  EXPECT_EQ(service, "\0\0\0\0\4\x0a\x02"s + "db");
  const Server not_serving(world_, http2::grpc_server("\0\0\0\0\2\x08\2"s));
  EXPECT_EQ(prober_.try_once(grpc(not_serving.port())).text, "gRPC NOT_SERVING");
  const Server unknown(world_, [](int connection) {
    http2::take_request(connection);
    write_all(connection, http2::frame(http2::Headers, http2::end_headers | http2::end_stream, 1,
                                       "\x88" + http2::header("content-type", "application/grpc") +
                                           http2::header("grpc-status", "5") +
                                           http2::header("grpc-message", "unknown service")));
    wait_for_close(connection);
  });
  EXPECT_EQ(prober_.try_once(grpc(unknown.port())).text, "gRPC status 5: unknown service");
  const Server http1(world_, answering(http_answer("200 OK")));
  EXPECT_FALSE(prober_.try_once(grpc(http1.port())).succeeded);
}

TEST_F(RootProber, OnlyChangesAreReported) {
  std::atomic<int> count = 0;
  const Server server(world_, [&](int connection) {
    read_request(connection);
    const int now = count++;  // 2 good, 5 bad, then good
    write_all(connection, now >= 2 && now < 7 ? http_answer("503 Away") : http_answer("200 OK"));
  });
  prober::Request request = http(server.port());
  request.period = 20 * millisecond;
  request.successes = 2;
  request.failures = 3;
  prober_.send(request);
  EXPECT_TRUE(prober_.next().succeeded);
  EXPECT_GE(count, 2);
  const Seen failed = prober_.next();
  EXPECT_FALSE(failed.succeeded);
  EXPECT_EQ(failed.text, "HTTP 503");
  EXPECT_GE(count, 5);
  EXPECT_TRUE(prober_.next().succeeded);
  EXPECT_GE(count, 9);
  while (count < 20) std::this_thread::yield();
  EXPECT_TRUE(prober_.is_silent(std::chrono::milliseconds(0)));
}

TEST_F(RootProber, ARemovedProbeIsNotTriedAgain) {
  const Server server(world_, answering(http_answer("200 OK")));
  prober::Request request = http(server.port());
  request.period = millisecond;
  prober_.send(request);
  EXPECT_TRUE(prober_.next().succeeded);
  prober_.send({.op = prober::Op::Remove, .id = request.id});
  prober::Request other = tcp(closed_port(world_));
  other.id = 2;
  prober_.send(other);
  EXPECT_EQ(prober_.next().id, 2U);  // the removal was handled before
  const int tried = server.connections();
  other.id = 3;
  prober_.send(other);
  EXPECT_EQ(prober_.next().id, 3U);
  EXPECT_LE(server.connections(), tried + 1);
}

// The kubelet's hook takes each answer for success: runHTTPHandler looks at the error alone.
TEST_F(RootProber, AHookIsSentOnceAndEachAnswerIsSuccess) {
  std::string seen;
  const Server server(world_, [&](int connection) {
    seen = read_request(connection);
    write_all(connection, http_answer("500 Broken"));
  });
  const HookRun run = run_hook(world_, http(server.port(), "/stop"));
  EXPECT_EQ(run.exit_code, prober::hook_succeeded);
  EXPECT_EQ(run.output, "HTTP 500");
  EXPECT_TRUE(seen.starts_with("GET /stop HTTP/1.1\r\n")) << seen;
  EXPECT_TRUE(seen.find("User-Agent: kube-lifecycle/1.35\r\n") != seen.npos) << seen;
  EXPECT_EQ(server.connections(), 1);
  const HookRun refused = run_hook(world_, http(closed_port(world_)));
  EXPECT_EQ(refused.exit_code, prober::hook_failed);
  EXPECT_TRUE(refused.output.ends_with("Connection refused")) << refused.output;
}

TEST_F(RootProber, AHookByHttpsFallsBackToHttp) {
  std::string seen;
  const Server server(world_, [&](int connection) {
    char first = 0;
    ::recv(connection, &first, 1, MSG_PEEK);
    if (first == 'G') seen = read_request(connection);
    write_all(connection, http_answer("200 OK"));
  });
  prober::Request request = http(server.port(), "/stop");
  request.kind = prober::Kind::Https;
  request.headers = {{"Authorization", "Bearer secret"}};
  EXPECT_EQ(run_hook(world_, request).exit_code, prober::hook_succeeded);
  EXPECT_TRUE(seen.starts_with("GET /stop HTTP/1.1\r\n")) << seen;
  EXPECT_TRUE(seen.find("secret") == seen.npos) << seen;
}

TEST_F(RootProber, AHookWhoseGateIsNotOpenedDoesNothing) {
  const Server server(world_, answering(http_answer("200 OK")));
  auto hook = start_hook_prober(world_.site(), http(server.port()), 2, false);
  ASSERT_TRUE(hook) << hook.error().message;
  hook->gate.reset();
  EXPECT_NE(exit_code_of(*wait_for(hook->process)), prober::hook_succeeded);
  EXPECT_EQ(server.connections(), 0);
}

}  // namespace podrun::ns

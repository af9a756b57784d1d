// The messages of gRPC's health protocol, and the requests and verdicts of probers, as bytes.
#include <gtest/gtest.h>

#include <random>

#include "namespaces/prober/grpc_health.hpp"
#include "namespaces/prober/prober_protocol.hpp"

namespace podrun::prober {
namespace {

using namespace std::string_literals;

GrpcAnswer answer(std::string body) {
  return {
      .http_status = 200, .content_type = "application/grpc", .status = "0", .message = "", .body = std::move(body)};
}

}  // namespace

TEST(GrpcHealth, TheRequestNamesTheService) {
  EXPECT_EQ(health_request(""), "\0\0\0\0\0"s);
  EXPECT_EQ(health_request("db"), "\0\0\0\0\4\x0a\x02"s + "db");
  EXPECT_EQ(health_request(std::string(200, 'x')), "\0\0\0\0\xcb\x0a\xc8\x01"s + std::string(200, 'x'));
}

TEST(GrpcHealth, OnlyServingIsSuccess) {
  const std::pair<std::string, std::string> failures[] = {
      {"\0\0\0\0\2\x08\0"s, "gRPC UNKNOWN"},
      {"\0\0\0\0\0"s, "gRPC UNKNOWN"},
      {"\0\0\0\0\2\x08\2"s, "gRPC NOT_SERVING"},
      {"\0\0\0\0\2\x08\3"s, "gRPC SERVICE_UNKNOWN"},
      {"\0\0\0\0\2\x08\x09"s, "gRPC status 9"},
      {"", "gRPC: the answer is not a HealthCheckResponse"},
      {"\1\0\0\0\2\x08\1"s, "gRPC: the answer is not a HealthCheckResponse"},
      {"\0\0\0\0\3\x08\1"s, "gRPC: the answer is not a HealthCheckResponse"},
      {"\0\xff\xff\xff\xff\x08\1"s, "gRPC: the answer is not a HealthCheckResponse"},
      {"\0\0\0\0\2\x08\xff"s, "gRPC: the answer is not a HealthCheckResponse"},
      {"\0\0\0\0\3\x12\xff\1"s, "gRPC: the answer is not a HealthCheckResponse"},
  };
  for (const auto& [body, words] : failures) {
    EXPECT_EQ(outcome_of(answer(body)).result, pod::ProbeOutcome::Failure);
    EXPECT_EQ(outcome_of(answer(body)).message, words);
  }
  EXPECT_EQ(outcome_of(answer("\0\0\0\0\2\x08\1"s)).result, pod::ProbeOutcome::Success);
  EXPECT_EQ(outcome_of(answer("\0\0\0\0\5\x12\1x\x08\1"s)).result, pod::ProbeOutcome::Success) << "an unknown field";
}

TEST(GrpcHealth, AnotherAnswerIsAFailure) {
  GrpcAnswer given = answer("\0\0\0\0\2\x08\1"s);
  given.status = "5";
  given.message = "no such service";
  EXPECT_EQ(outcome_of(given).message, "gRPC status 5: no such service");
  given.status = "12";
  EXPECT_EQ(outcome_of(given).message, "the server does not implement grpc.health.v1.Health: no such service");
  given.status.reset();
  EXPECT_EQ(outcome_of(given).message, "gRPC: the answer has no status");
  given.content_type = "text/html";
  EXPECT_EQ(outcome_of(given).message, "gRPC: the content type is \"text/html\"");
  given.http_status = 404;
  EXPECT_EQ(outcome_of(given).message, "gRPC: HTTP 404");
  EXPECT_EQ(outcome_of(given).result, pod::ProbeOutcome::Failure);
}

TEST(ProberProtocol, ARequestSurvivesItsBytes) {
  const Request request{.op = Op::Add,
                        .id = 7,
                        .due = 123,
                        .period = 10,
                        .timeout = 4,
                        .successes = 2,
                        .failures = 3,
                        .kind = Kind::Https,
                        .port = 8443,
                        .host = "::1",
                        .path = "/a?b",
                        .headers = {{"X-A", "1"}, {"X-B", ""}}};
  EXPECT_EQ(decode(encode(request)), request);
}

TEST(ProberProtocol, OtherBytesAreNoRequest) {
  const std::string bytes = encode({.op = Op::Add, .period = 1, .host = "h", .headers = {{"a", "b"}}});
  for (std::size_t length = 0; length < bytes.size(); ++length) EXPECT_FALSE(decode(bytes.substr(0, length)));
  EXPECT_FALSE(decode(bytes + "x"));
  EXPECT_FALSE(decode(encode({.op = Op::Add, .period = 0})));
  std::mt19937 random(1);
  for (int i = 0; i < 100'000; ++i) {
    std::string broken = bytes;
    for (int changes = 0; changes < 3; ++changes)
      broken[random() % broken.size()] = static_cast<char>(random() % 3 == 0 ? random() : 0xff);
    (void)decode(broken);  // a sanitizer would see what is read beyond the end
  }
}

TEST(ProberProtocol, AVerdictIsCheckedBeforeItIsRead) {
  const Verdict good = make_verdict(3, true, std::string(600, 'x'));
  EXPECT_EQ(text_of(good, sizeof good), std::string(longest_text, 'x')) << "a long text is cut";
  EXPECT_FALSE(text_of(good, sizeof good - 1));
  EXPECT_FALSE(text_of(good, sizeof good + 1));
  Verdict bad = good;
  bad.succeeded = 2;
  EXPECT_FALSE(text_of(bad, sizeof bad));
  bad = good;
  bad.length = longest_text + 1;
  EXPECT_FALSE(text_of(bad, sizeof bad));
}

}  // namespace podrun::prober

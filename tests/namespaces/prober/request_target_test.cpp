// What a probe's URL and headers become on the wire, without a network.
#include <gtest/gtest.h>

#include "namespaces/prober/request_target.hpp"

namespace podrun::prober {
namespace {

using Lines = std::vector<std::string>;

}  // namespace

// Each right side is what Go's url.Parse and URL.RequestURI make of the left one in formatURL.
TEST(RequestTarget, APathIsReadAsGoReadsIt) {
  const std::pair<std::string_view, std::string_view> cases[] = {
      {"", "/"},
      {"/", "/"},
      {"/healthz", "/healthz"},
      {"healthz", "/healthz"},
      {"/healthz?full=1&x=a b", "/healthz?full=1&x=a%20b"},
      {"/healthz#part", "/healthz"},
      {"/a b", "/a%20b"},
      {"/a%20b", "/a%20b"},
      {"/a%zz?x", "/a%25zz%3Fx"},
      {"/a\tb", "/a%09b"},
      {"/../etc", "/../etc"},
      {"/\xc3\xa9", "/%C3%A9"},
      {"//other/path", "/path"},
      {"http://other:99/path?q", "/path?q"},
      {"http://other", "/"},
      {"/a:b", "/a:b"},
      {"/<\"{|}>", "/%3C%22%7B%7C%7D%3E"},
  };
  for (const auto& [path, target] : cases) EXPECT_EQ(request_target(path), target) << path;
}

TEST(RequestTarget, AnIpv6HostHasBrackets) {
  EXPECT_EQ(host_and_port("127.0.0.1", 80), "127.0.0.1:80");
  EXPECT_EQ(host_and_port("::1", 8080), "[::1]:8080");
  EXPECT_EQ(host_and_port("[::1]", 8080), "[::1]:8080");
}

TEST(RequestHeaders, AProbeSaysWhoItIsAndAcceptsEverything) {
  EXPECT_EQ(request_headers({}, "kube-probe/1.35").lines,
            (Lines{"User-Agent: kube-probe/1.35", "Accept: */*", "Connection: close"}));
}

TEST(RequestHeaders, TheManifestReplacesAndRemovesThem) {
  EXPECT_EQ(request_headers({{"user-agent", "foo/1.0"}, {"Accept", "text/html"}}, "kube").lines,
            (Lines{"User-Agent: foo/1.0", "Accept: text/html", "Connection: close"}));
  EXPECT_EQ(request_headers({{"User-Agent", ""}, {"accept", ""}}, "kube").lines,
            (Lines{"User-Agent:", "Accept:", "Connection: close"}));
}

TEST(RequestHeaders, EachValueOfAHeaderIsSentAndAnEmptyOneToo) {
  EXPECT_EQ(request_headers({{"X-A", "1"}, {"X-A", " 2 "}, {"X-Empty", ""}}, "kube").lines,
            (Lines{"User-Agent: kube", "Accept: */*", "X-A: 1", "X-A: 2", "X-Empty;", "Connection: close"}));
}

TEST(RequestHeaders, TheClientWritesSomeHeadersItself) {
  const RequestHeaders made =
      request_headers({{"Host", "web.example"}, {"Content-Length", "5"}, {"Transfer-Encoding", "chunked"}}, "kube");
  EXPECT_EQ(made.host, "web.example");
  EXPECT_EQ(made.lines, (Lines{"User-Agent: kube", "Accept: */*", "Connection: close"}));
}

TEST(RequestHeaders, AValueWithALineBreakIsAFault) {
  EXPECT_EQ(request_headers({{"X-A", "1\r\nHost: other"}}, "kube").fault, "invalid value of header X-A");
  EXPECT_EQ(request_headers({{"X A", "1"}}, "kube").fault, "invalid header name \"X A\"");
  EXPECT_EQ(request_headers({{"X-A", "a\tb"}}, "kube").fault, "");
}

TEST(RequestHeaders, OnlyARelativeRedirectKeepsTheHost) {
  EXPECT_TRUE(is_relative("/next"));
  EXPECT_TRUE(is_relative("next?x=http://a"));
  EXPECT_FALSE(is_relative("http://127.0.0.1/next"));
}

}  // namespace podrun::prober

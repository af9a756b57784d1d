// What skopeo says of a failure, and what a user and a pod's back-off make of it.
#include "namespaces/images/fetch_error.hpp"

#include <gtest/gtest.h>

namespace podrun::ns {
namespace {

FetchError of(const std::string& message) {
  return error_of_skopeo("time=\"2026-11-30T20:39:51Z\" level=fatal msg=\"" + message + "\"\n");
}

TEST(FetchError, TheKindIsKnownByWhatSkopeoSays) {
  const std::pair<const char*, FetchFault> messages[] = {
      {"reading manifest 2 in localhost:5000/a: manifest unknown: manifest unknown", FetchFault::NotFound},
      {"reading manifest 1 in docker.io/a/b: requested access to the resource is denied", FetchFault::Unauthorized},
      {"unable to retrieve auth token: invalid username/password: unauthorized: x", FetchFault::Unauthorized},
      {"pinging container registry localhost:5001: Get: dial tcp: connect: connection refused",
       FetchFault::Unreachable},
      {"pinging container registry r: dial tcp: lookup r: no such host", FetchFault::Unreachable},
      {"Get \\\"https://r/v2/\\\": x509: certificate signed by unknown authority", FetchFault::Tls},
      {"Get: http: server gave HTTP response to HTTPS client", FetchFault::Tls},
      {"writing blob: write /staging/oci/x: no space left on device", FetchFault::NoSpace},
      {"Source image rejected: Running image docker://r is rejected by policy.", FetchFault::Refused},
      {"registry r is blocked in /etc/containers/registries.conf", FetchFault::Refused},
      {"writing blob: Digest did not match, expected sha256:a, got sha256:b", FetchFault::Nonsense},
      {"toomanyrequests: You have reached your pull rate limit", FetchFault::Unreachable},
      {"something new", FetchFault::Other},
      {"", FetchFault::Other},
  };
  for (const auto& [message, fault] : messages) EXPECT_EQ(of(message).fault, fault) << message;
}

TEST(FetchError, WhatSkopeoSaysOfEachErrorIsLeftOut) {
  EXPECT_EQ(of("Error parsing image name \\\"docker://r/a:1\\\": reading manifest 1 in r/a: manifest unknown").message,
            "the registry has no such image: reading manifest 1 in r/a: manifest unknown");
}

TEST(FetchError, OnlyTheLastLineCounts) {
  EXPECT_EQ(error_of_skopeo("level=warning msg=\"manifest unknown\"\nlevel=fatal msg=\"unexpected EOF\"\n").fault,
            FetchFault::Unreachable);
}

TEST(FetchError, UrlsLoseTheirUserAndTheirQuery) {
  EXPECT_EQ(presentable("Get \"https://user:word@r.example/v2/?token=secret&x=1\": EOF, http://b/c?d"),
            "Get \"https://r.example/v2/\": EOF, http://b/c");
  EXPECT_EQ(presentable("at user@host"), "at user@host");
}

TEST(FetchError, ATextOfOthersIsOneShortLineOfPrintableCharacters) {
  EXPECT_EQ(presentable("a\x1b[2Jb\nc\xc2\x9b"), "a [2Jb c  ");
  EXPECT_LE(presentable(std::string(100'000, 'x')).size(), 410U);
}

}  // namespace
}  // namespace podrun::ns

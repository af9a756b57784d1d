// Which image of an index runs on a host.
#include "pod/image/platform.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "pod/image/image_manifest.hpp"

namespace podrun::pod {
namespace {

/// "linux/arm/v7" → Platform.
Platform platform(const std::string& text) {
  const std::size_t first = text.find('/'), second = text.find('/', first + 1);
  return {text.substr(0, first), text.substr(first + 1, second - first - 1),
          second == text.npos ? "" : text.substr(second + 1)};
}

/// The platform of the entry that is chosen.
std::string chosen(const std::string& host, const std::vector<std::string>& platforms) {
  ImageIndex index;
  for (const std::string& each : platforms) index.entries.push_back({.manifest = {}, .platform = platform(each)});
  const auto entry = choose_from(index, platform(host));
  return entry ? to_text(entry->platform) : entry.error().message;
}

TEST(Platform, TheMachineOfUnameIsAPlatform) {
  EXPECT_EQ(to_text(platform_of_machine("x86_64")), "linux/amd64");
  EXPECT_EQ(to_text(platform_of_machine("aarch64")), "linux/arm64");
  EXPECT_EQ(to_text(platform_of_machine("armv7l")), "linux/arm/v7");
  EXPECT_EQ(to_text(platform_of_machine("armv6l")), "linux/arm/v6");
  EXPECT_EQ(to_text(platform_of_machine("riscv64")), "linux/riscv64");
}

TEST(Platform, AHostTakesItsOwnArchitecture) {
  const std::vector<std::string> all{"linux/386", "linux/arm/v7", "linux/arm64/v8", "linux/amd64", "linux/s390x"};
  EXPECT_EQ(chosen("linux/amd64", all), "linux/amd64");
  EXPECT_EQ(chosen("linux/arm64", all), "linux/arm64/v8");
  EXPECT_EQ(chosen("linux/arm/v7", all), "linux/arm/v7");
  EXPECT_EQ(chosen("linux/s390x", all), "linux/s390x");
}

TEST(Platform, OtherNamesAndVariantsThatSayNothingAreTheSame) {
  EXPECT_EQ(chosen("linux/amd64", {"linux/x86_64"}), "linux/x86_64");
  EXPECT_EQ(chosen("linux/amd64", {"linux/amd64/v1"}), "linux/amd64/v1");
  EXPECT_EQ(chosen("linux/arm64", {"linux/aarch64/8"}), "linux/aarch64/8");
  EXPECT_EQ(chosen("linux/arm/v7", {"linux/arm"}), "linux/arm");
}

TEST(Platform, ANewerVariantDoesNotRunAndAnOlderOneDoes) {
  EXPECT_EQ(chosen("linux/amd64", {"linux/amd64/v3"}), "no image for linux/amd64; it has \"linux/amd64/v3\"");
  EXPECT_EQ(chosen("linux/arm/v6", {"linux/arm/v7", "linux/arm/v5"}), "linux/arm/v5");
  EXPECT_EQ(chosen("linux/arm/v6", {"linux/arm/v7"}), "no image for linux/arm/v6; it has \"linux/arm/v7\"");
  EXPECT_EQ(chosen("linux/amd64/v3", {"linux/amd64", "linux/amd64/v4", "linux/amd64/v2"}), "linux/amd64/v2");
}

TEST(Platform, WhatTheProcessorRunsBesidesIsTheLastChoice) {
  EXPECT_EQ(chosen("linux/amd64", {"linux/386"}), "linux/386");
  EXPECT_EQ(chosen("linux/arm64", {"linux/arm/v6", "linux/arm/v7"}), "linux/arm/v7");
}

TEST(Platform, TheErrorListsWhatThereIs) {
  EXPECT_EQ(chosen("linux/amd64", {"linux/arm64", "windows/amd64", "linux/s390x"}),
            "no image for linux/amd64; it has \"linux/arm64\", \"windows/amd64\", \"linux/s390x\"");
  EXPECT_EQ(chosen("linux/amd64", {}), "image index: it lists no image");
}

TEST(Platform, OfTwoThatSuitAlikeTheFirstIsChosen) {
  ImageIndex index;
  index.entries.push_back({.manifest = {.media_type = "", .digest = "first"}, .platform = platform("linux/amd64")});
  index.entries.push_back({.manifest = {.media_type = "", .digest = "second"}, .platform = platform("linux/amd64")});
  EXPECT_EQ(choose_from(index, platform("linux/amd64"))->manifest.digest, "first");
}

TEST(Platform, AnEntryWithoutAPlatformIsTakenIfNoOtherSuits) {
  ImageIndex index;
  index.entries.push_back({.manifest = {.media_type = "", .digest = "any"}, .platform = {}});
  EXPECT_EQ(choose_from(index, platform("linux/amd64"))->manifest.digest, "any");
  index.entries.push_back({.manifest = {.media_type = "", .digest = "own"}, .platform = platform("linux/amd64")});
  EXPECT_EQ(choose_from(index, platform("linux/amd64"))->manifest.digest, "own");
}

}  // namespace
}  // namespace podrun::pod

// What /etc/podrun/network.yaml may say.
#include "pod/network/network_file.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include <fmt/format.h>

namespace podrun::pod {
namespace {

NetworkConfig config_of(std::string_view text) {
  auto config = parse_network_file(text);
  EXPECT_TRUE(config) << (config ? "" : config.error().front().message);
  return config ? *config : NetworkConfig{};
}

/// All errors: "LINE:COLUMN MESSAGE (HINT)", in lines.
std::string errors_of(std::string_view text) {
  const auto config = parse_network_file(text);
  std::string errors;
  if (config) return errors;
  for (const Diagnostic& each : config.error())
    errors += fmt::format("{}{}:{} {}{}", errors.empty() ? "" : "\n", each.at.line, each.at.column, each.message,
                          each.hint.empty() ? "" : " (" + each.hint + ")");
  return errors;
}

TEST(NetworkFile, ATextWithoutContentIsTheDefault) {
  for (const std::string_view text :
       {"", "\n", "# nothing\n\n  # is set\n", "{}", "ipv4:\nipv6:\nmtu:\n", "---\n{}\n"}) {
    const NetworkConfig config = config_of(text);
    EXPECT_TRUE(config.ipv4.enabled && config.ipv6.enabled) << text;
    EXPECT_TRUE(config.ipv4.masquerade && config.ipv6.masquerade) << text;
    EXPECT_FALSE(config.ipv4.subnet || config.ipv6.subnet || config.mtu) << text;
  }
}

TEST(NetworkFile, EveryFieldIsRead) {
  const NetworkConfig config = config_of(
      "ipv4: {subnet: 172.30.0.0/20, masquerade: false}\n"
      "ipv6:\n  subnet: \"fd12:3456:789a:1::/64\"\n  masquerade: no\n"
      "mtu: 9000\n");
  EXPECT_EQ(text_of(config.ipv4.subnet.value()), "172.30.0.0/20");
  EXPECT_EQ(text_of(config.ipv6.subnet.value()), "fd12:3456:789a:1::/64");
  EXPECT_FALSE(config.ipv4.masquerade || config.ipv6.masquerade);
  EXPECT_EQ(config.mtu, 9000U);
}

TEST(NetworkFile, AFamilyCanBeOff) {
  const NetworkConfig config = config_of("ipv6: off\nmtu: 576\n");
  EXPECT_TRUE(config.ipv4.enabled);
  EXPECT_FALSE(config.ipv6.enabled);
  EXPECT_EQ(config.mtu, 576U);
  EXPECT_FALSE(config_of("ipv4: false\n").ipv4.enabled);
}

TEST(NetworkFile, BothFamiliesOffIsAnErrorThatNamesTheAnnotation) {
  EXPECT_EQ(errors_of("ipv4: off\nipv6: off\n"),
            "2:7 ipv4 and ipv6 are both off: the host's pods would have no network (one pod without a network has the "
            "annotation podrun.io/network: none)");
}

TEST(NetworkFile, UnknownAndRepeatedFieldsAreErrors) {
  EXPECT_EQ(errors_of("ipv5: off\n"), "1:1 unknown field \"ipv5\" in network.yaml (did you mean \"ipv4\"?)");
  EXPECT_EQ(errors_of("bridge: a\n"),
            "1:1 unknown field \"bridge\" in network.yaml (there is ipv4, ipv6, mtu)");
  EXPECT_EQ(errors_of("ipv4: {subnets: 10.0.0.0/16}\n"),
            "1:8 unknown field \"subnets\" in ipv4 (did you mean \"subnet\"?)");
  EXPECT_TRUE(errors_of("mtu: 1500\nmtu: 1400\n").starts_with("2:1 ")) << errors_of("mtu: 1500\nmtu: 1400\n");
  EXPECT_EQ(errors_of("mtu: 1500\n---\nmtu: 1400\n"), "3:1 a second document begins here, where one is wanted");
}

TEST(NetworkFile, AValueOfAWrongTypeIsAnError) {
  EXPECT_EQ(errors_of("[ipv4]\n"), "1:1 network.yaml must be a mapping (ipv4, ipv6 and mtu are its fields)");
  for (const std::string_view value : {"on", "10.77.0.0/16", "\"off\"", "[off]", "1"})
    EXPECT_EQ(errors_of(fmt::format("ipv4: {}\n", value)),
              "1:7 ipv4 must be off, or a mapping of subnet and masquerade");
  for (const std::string_view value : {"1", "\"true\"", "maybe", "{}"})
    EXPECT_EQ(errors_of(fmt::format("ipv4: {{masquerade: {}}}\n", value)), "1:20 masquerade must be true or false");
  for (const std::string_view value :
       {"abc", "[]", "10.77.0.0", "10.77.0.0/33", "10.77.0.0/-1", "fd00::/64", "10.77/16"})
    EXPECT_EQ(errors_of(fmt::format("ipv4: {{subnet: \"{}\"}}\n", value)),
              "1:16 subnet must be an IPv4 prefix, such as 10.77.0.0/16");
  EXPECT_EQ(errors_of("ipv6: {subnet: 10.77.0.0/16}\n"),
            "1:16 subnet must be an IPv6 prefix, such as fd12:3456:789a:1::/64");
  EXPECT_TRUE(errors_of("ipv4: {subnet\n").starts_with("1:"));
}

TEST(NetworkFile, ASubnetEndsWithZeroesAndHasRoomForPods) {
  EXPECT_EQ(errors_of("ipv4: {subnet: 10.77.1.0/16}\n"),
            "1:16 subnet 10.77.1.0/16 has bits after its first 16 (did you mean \"10.77.0.0/16\"?)");
  EXPECT_EQ(errors_of("ipv4: {subnet: 10.77.0.0/25}\n"),
            "1:16 an IPv4 subnet of pods must be from /8 to /24, but this is a /25 (a /24 has addresses for 253 pods, a "
            "/16 for all 65532)");
  EXPECT_EQ(errors_of("ipv6: {subnet: \"fd00::/120\"}\n"),
            "1:16 an IPv6 subnet of pods must be from /64 to /112, but this is a /120 (a /112 has addresses for all "
            "65532 pods)");
  EXPECT_TRUE(errors_of("ipv6: {subnet: \"fd00::/48\"}\n").contains("from /64 to /112"));
  EXPECT_TRUE(errors_of("ipv4: {subnet: 0.0.0.0/0}\n").contains("from /8 to /24"));
  EXPECT_EQ(errors_of("ipv4: {subnet: 10.0.0.0/8}\nipv6: {subnet: \"2001:db8::/112\"}\n"), "");
}

TEST(NetworkFile, ASubnetOfAddressesThatNoPodCanHaveIsAnError) {
  const auto what = [](std::string_view family, std::string_view subnet) {
    return errors_of(fmt::format("{}: {{subnet: \"{}\"}}\n", family, subnet));
  };
  EXPECT_EQ(what("ipv4", "127.1.0.0/16"), "1:16 subnet 127.1.0.0/16 has loopback addresses, which no pod can have");
  EXPECT_TRUE(what("ipv4", "169.254.0.0/16").contains("link-local"));
  EXPECT_TRUE(what("ipv4", "239.0.0.0/16").contains("multicast"));
  EXPECT_TRUE(what("ipv4", "0.0.0.0/16").contains("unspecified"));
  EXPECT_TRUE(what("ipv4", "255.255.255.0/24").contains("reserved"));
  EXPECT_TRUE(what("ipv6", "fe80::/64").contains("link-local"));
  EXPECT_TRUE(what("ipv6", "ff02::/64").contains("multicast"));
  EXPECT_TRUE(what("ipv6", "::/112").contains("unspecified"));
  EXPECT_TRUE(what("ipv6", "::ffff:0:0/96").contains("IPv4 addresses"));
}

TEST(NetworkFile, AnMtuIsLargeEnoughForTheFamilies) {
  EXPECT_EQ(errors_of("mtu: 1279\n"),
            "1:6 mtu must be a number from 1280 to 65535 (IPv6 needs 1280; with \"ipv6: off\" the least is 576)");
  EXPECT_EQ(errors_of("ipv6: off\nmtu: 575\n"), "2:6 mtu must be a number from 576 to 65535");
  for (const std::string_view value : {"65536", "-1", "\"1500\"", "large", "[1500]", "1500.5"})
    EXPECT_TRUE(errors_of(fmt::format("mtu: {}\n", value)).starts_with("1:6 mtu must be a number")) << value;
  EXPECT_EQ(config_of("mtu: 1280\n").mtu, 1280U);
}

TEST(NetworkFile, AllErrorsAreReportedAtOnce) {
  EXPECT_EQ(errors_of("ipv4: {subnet: a}\nipv6: {masquerade: 3}\nmtu: 1\nroute: b\n").find("4:1 unknown field") ==
                std::string::npos,
            false);
  EXPECT_EQ(parse_network_file("ipv4: {subnet: a}\nipv6: {masquerade: 3}\nmtu: 1\nroute: b\n").error().size(), 4U);
}

}  // namespace
}  // namespace podrun::pod

// The number of a pod's network and what has it.
#include "pod/network/addresses.hpp"

#include <gtest/gtest.h>

#include <set>

#include <fmt/format.h>

namespace podrun::pod {
namespace {

NetworkFacts facts_with(const char* ipv4, const char* ipv6) {
  NetworkFacts facts;
  if (ipv4 != nullptr) facts.ipv4 = parse_prefix(ipv4);
  if (ipv6 != nullptr) facts.ipv6 = parse_prefix(ipv6);
  return facts;
}

std::string text_of_both(const Addresses& addresses) {
  return fmt::format("{} {}", addresses.ipv4 ? text_of(*addresses.ipv4) : "-",
                     addresses.ipv6 ? text_of(*addresses.ipv6) : "-");
}

TEST(PodNumber, TheSameNameHasTheSameNumberInEveryVersion) {
  const NetworkFacts facts = facts_with("10.77.0.0/16", "fd77:1:2:3::/64");
  EXPECT_EQ(preferred_number(facts, network_key("default_web", "")), 28869U);
  EXPECT_EQ(preferred_number(facts, network_key("default_web", "db")), 17039U);
}

TEST(PodNumber, NamesSpreadOverAllNumbers) {
  const NetworkFacts facts = facts_with("10.77.0.0/16", nullptr);
  std::set<std::uint32_t> numbers;
  for (int i = 0; i < 1000; ++i) numbers.insert(preferred_number(facts, fmt::format("default_web-{}", i)));
  EXPECT_GE(numbers.size(), 980U);
  EXPECT_LT(*numbers.begin(), 500U);
  EXPECT_GT(*numbers.rbegin(), 65000U);
}

TEST(PodNumber, EachNumberIsInTheSmallestSubnet) {
  // A /29 has eight addresses. The first is the subnet's, the second the gateway's, and the last that of broadcasts.
  const NetworkFacts facts = facts_with("192.168.7.0/29", "fd77:1:2:3::/64");
  EXPECT_EQ(largest_number(facts), 6U);
  std::set<std::uint32_t> numbers;
  for (int i = 0; i < 100; ++i) numbers.insert(preferred_number(facts, fmt::format("default_{}", i)));
  EXPECT_EQ(numbers, (std::set<std::uint32_t>{2, 3, 4, 5, 6}));
  EXPECT_EQ(largest_number(facts_with("10.0.0.0/8", "fd77:1:2:3::/64")), 65533U);
  EXPECT_EQ(largest_number(facts_with("10.77.0.0/16", nullptr)), 65533U);
  EXPECT_EQ(largest_number(facts_with("10.77.0.0/24", "fd77::/120")), 254U);
}

TEST(PodNumber, ASubnetWithoutRoomHasNone) {
  EXPECT_EQ(largest_number(facts_with("10.77.0.0/30", nullptr)), least_number);
  EXPECT_LT(largest_number(facts_with("10.77.0.0/31", nullptr)), least_number);
  EXPECT_LT(largest_number(facts_with("10.77.0.1/32", nullptr)), least_number);
}

TEST(PodAddresses, ANetworkHasTheAddressOfItsNumberInEachFamily) {
  const NetworkFacts both = facts_with("10.77.0.0/16", "fd77:1:2:3::/64");
  EXPECT_EQ(text_of_both(addresses_of(both, 5)), "10.77.0.5 fd77:1:2:3::5");
  EXPECT_EQ(text_of_both(addresses_of(both, 65533)), "10.77.255.253 fd77:1:2:3::fffd");
  EXPECT_EQ(text_of_both(gateways_of(both)), "10.77.0.1 fd77:1:2:3::1");
  EXPECT_EQ(text_of_both(addresses_of(facts_with("10.77.0.0/16", nullptr), 5)), "10.77.0.5 -");
  EXPECT_EQ(text_of_both(gateways_of(facts_with(nullptr, "fd77:1:2:3::/64"))), "- fd77:1:2:3::1");
}

TEST(PodAddresses, TheInterfaceHasTheNumber) { EXPECT_EQ(interface_name(65533), "podrun65533"); }

}  // namespace
}  // namespace podrun::pod

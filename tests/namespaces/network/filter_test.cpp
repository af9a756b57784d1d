// The pod's table in the kernel: it is what nft(8) makes of its text, and it belongs to its owner.
#include <algorithm>
#include <cerrno>
#include <iterator>

#include <gtest/gtest.h>

#include "tests/namespaces/network/network_world.hpp"

namespace podrun::ns {
namespace {

namespace nft = pod::nft;

pod::IpPrefix prefix(const char* text) { return *pod::parse_prefix(text); }
pod::IpAddress address(const char* text) { return *pod::parse_ip(text); }

/// Chains that translate, with each match and each verdict of such.
std::vector<nft::Chain> nat_chains() {
  return {
      {.name = "prerouting",
       .type = nft::ChainType::Nat,
       .hook = nft::Hook::Prerouting,
       .priority = -100,
       .rules = {{{nft::Protocol{6}, nft::DestinationPort{8080}, nft::LocalDestination{}},
                  nft::Translate{address("10.77.0.5"), 80}},
                 {{nft::Protocol{17}, nft::DestinationPort{53}, nft::Destination{prefix("::1/128"), true},
                   nft::LocalDestination{}},
                  nft::Translate{address("fd77:1::5"), 5353}},
                 {{nft::DestinationPort{99}, nft::Protocol{132}, nft::Destination{prefix("192.0.2.1/32")}},
                  nft::Translate{address("10.77.0.5"), 99}},
                 {{nft::Protocol{17}, nft::LocalDestination{}}, nft::TranslateByMark{pod::IpFamily::V4, "ports4"}},
                 {{nft::Protocol{6}, nft::LocalDestination{}}, nft::TranslateByMark{pod::IpFamily::V6, "ports6"}}}},
      {.name = "postrouting",
       .type = nft::ChainType::Nat,
       .hook = nft::Hook::Postrouting,
       .priority = 100,
       .rules = {{{nft::Source{prefix("10.77.0.5/32")}, nft::OutInterface{"podrun*", true}}, nft::Masquerade{}},
                 {{nft::InInterface{"podrun*"}, nft::EndsInSet{pod::IpFamily::V4, "ends4"}}, nft::Masquerade{}},
                 {{nft::EndsInSet{pod::IpFamily::V6, "ends6"}}, nft::Masquerade{}}}},
      {.name = "stay",
       .type = nft::ChainType::Nat,
       .hook = nft::Hook::Output,
       .priority = -99,
       .rules = {{{nft::Destination{prefix("10.77.0.0/16")}}, nft::StayIn{prefix("10.77.0.0/16")}},
                 {{nft::Destination{prefix("10.77.16.0/20")}}, nft::StayIn{prefix("10.77.16.0/20")}},
                 {{nft::Destination{prefix("fd77:1::/64")}}, nft::StayIn{prefix("fd77:1::/64")}}}}};
}

/// A table with each match, each verdict, each hook, each kind of set.
nft::Table whole_table() {
  const nft::Accept accept;
  nft::Table table{
      .name = "podrun5",
      .chains = {
          {.name = "ingress",
           .type = nft::ChainType::Filter,
           .hook = nft::Hook::Ingress,
           .device = "lo",
           .rules = {{{nft::Source{prefix("10.77.0.5/32"), true}}, nft::Drop{}},
                     {{nft::Source{prefix("fd77:1::5/128"), true}}, nft::Drop{}},
                     {{nft::Destination{prefix("127.0.0.0/8")}}, nft::Drop{}},
                     {{nft::Destination{prefix("10.0.0.0/11"), true}}, nft::Drop{}},
                     {{nft::Destination{prefix("0.0.0.0/0")}}, nft::Drop{}},
                     {{nft::Source{prefix("fe80::/10")}, nft::Destination{prefix("fc00::/7"), true}}, nft::Drop{}},
                     {{nft::IcmpType{pod::IpFamily::V6, 134}}, nft::Drop{}},
                     {{nft::IcmpType{pod::IpFamily::V4, 5}}, nft::Drop{}},
                     {{nft::Family{pod::IpFamily::V4}}, nft::Accept{}},
                     {{nft::Family{pod::IpFamily::V6}}, nft::Accept{}},
                     {{}, nft::Drop{}}}},
          {.name = "input",
           .type = nft::ChainType::Filter,
           .hook = nft::Hook::Input,
           .priority = -5,
           .rules = {{{nft::Family{pod::IpFamily::V4}}, accept}, {{nft::Family{pod::IpFamily::V6}}, accept}}},
          {.name = "forward",
           .type = nft::ChainType::Filter,
           .hook = nft::Hook::Forward,
           .rules = {{{nft::OutInterface{"podrun5"}, nft::ConnectionState{false, true, true}}, accept},
                     {{nft::ConnectionState{.is_new = true}, nft::Translated{true}}, nft::Drop{}},
                     {{nft::Translated{}}, accept},
                     {{nft::InInterface{"podrun*"}, nft::ConnectionState{.is_invalid = true}}, nft::Drop{}},
                     {{nft::ConnectionState{true, true, true}}, accept},
                     {{nft::InInterface{"podrun*"}, nft::OutInterface{"eth0", true}}, accept},
                     {{nft::InInterface{"eth0", true}, nft::OutInterface{"podrun*", true}}, nft::Drop{}}}},
          {.name = "output",
           .type = nft::ChainType::Filter,
           .hook = nft::Hook::Output,
           .rules = {{{nft::SocketUser{70005, true}}, nft::Accept{}}, {{nft::SocketUser{70005}}, nft::Drop{}}}},
      },
      .sets = {{"ports4", nft::SetKind::PortsByMark, pod::IpFamily::V4},
               {"ports6", nft::SetKind::PortsByMark, pod::IpFamily::V6},
               {"ends4", nft::SetKind::Ends, pod::IpFamily::V4},
               {"ends6", nft::SetKind::Ends, pod::IpFamily::V6}}};
  std::ranges::move(nat_chains(), std::back_inserter(table.chains));
  return table;
}

class RootPodFilter : public testing::Test {
 protected:
  Result<Fd> make(const nft::Table& table) {
    Result<Fd> result;
    host_.in([&] { result = make_filter(table); });
    return result;
  }
  std::string listed() { return host_.run({"nft", "list", "ruleset"}); }

  TestNetwork host_;
};

/// The text without a word, wherever it is, and what follows it in its line.
std::string without(std::string text, const std::string& word) {
  for (auto at = text.find(word); at != std::string::npos; at = text.find(word))
    text.erase(at, text.find('\n', at) - at);
  return text;
}

/// What nft(8) lists, with an owner for each table.
std::string with_owners(std::string text) {
  for (auto at = text.find("table "); at != std::string::npos; at = text.find("table ", at))
    text.insert(at = text.find('\n', at) + 1, "\tflags owner\n\n");
  return text;
}

TEST_F(RootPodFilter, TheTableIsWhatNftMakesOfItsText) {
  const TestNetwork other;
  const auto owner = make(whole_table());
  ASSERT_TRUE(owner) << owner.error().message;
  // nft(8) cannot keep a table that it owns: its process ends.
  const auto [loaded, said] = other.try_to_run({"nft", "-f", "-"}, without(text_of(whole_table()), "flags owner"));
  ASSERT_TRUE(loaded) << said << text_of(whole_table());
  const std::string mine = without(listed(), " # progname");
  EXPECT_EQ(mine, with_owners(other.run({"nft", "list", "ruleset"})));
  EXPECT_TRUE(mine.contains("dnat ip6 to [fd77:1::5]:5353")) << mine;
}

TEST_F(RootPodFilter, NftReadsTheTextWithItsOwner) {
  const auto [loaded, said] = host_.try_to_run({"nft", "--check", "-f", "-"}, text_of(whole_table()));
  EXPECT_TRUE(loaded) << said;
}

TEST_F(RootPodFilter, OthersCanNeitherDeleteNorFlushIt) {
  const auto owner = make(whole_table());
  ASSERT_TRUE(owner);
  EXPECT_FALSE(host_.try_to_run({"nft", "delete", "table", "inet", "podrun5"}).first);
  EXPECT_TRUE(host_.try_to_run({"nft", "flush", "ruleset"}).first);
  EXPECT_TRUE(listed().contains("masquerade"));
  Result<> refused;
  const TestNetwork other;
  host_.in([&] {
    const auto stranger = make_filter({.name = "other"});
    ASSERT_TRUE(stranger);
    refused = remove_filter(stranger->get(), "podrun5");
  });
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().number, EPERM);
}

TEST_F(RootPodFilter, ItEndsWithTheLastDescriptorOfItsOwner) {
  auto owner = make(whole_table());
  ASSERT_TRUE(owner);
  Fd copy(::dup(owner->get()));
  owner->reset();
  EXPECT_TRUE(listed().contains("podrun5"));
  copy.reset();
  EXPECT_EQ(listed(), "");
}

TEST_F(RootPodFilter, ItsOwnerRemovesItOnceOrMoreOften) {
  const auto owner = make(whole_table());
  ASSERT_TRUE(owner);
  for (int i = 0; i < 2; ++i) {
    const auto removed = remove_filter(owner->get(), "podrun5");
    EXPECT_TRUE(removed) << removed.error().message;
    EXPECT_EQ(listed(), "");
  }
}

TEST_F(RootPodFilter, ATableThatIsThereIsAnErrorAndStaysAsItIs) {
  const auto owner = make(whole_table());
  ASSERT_TRUE(owner);
  const auto before = listed();
  const auto second = make({.name = "podrun5"});
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().number, EPERM);
  EXPECT_EQ(listed(), before);
  host_.run({"nft", "add", "table", "inet", "podrun6"});
  const auto third = make({.name = "podrun6"});
  ASSERT_FALSE(third);
  EXPECT_EQ(third.error().message, "make the table inet podrun6: File exists");
}

TEST_F(RootPodFilter, ATableThatTheKernelRefusesLeavesNothing) {
  nft::Table table = whole_table();
  table.chains.push_back(table.chains[0]);
  const auto refused = make(table);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "make the chain ingress of the table netdev podrun5: File exists");
  EXPECT_EQ(listed(), "");
}

TEST_F(RootPodFilter, AThousandPortsAreOneTransaction) {
  nft::Table table = whole_table();
  auto& rules = std::ranges::find(table.chains, "prerouting", &nft::Chain::name)->rules;
  for (std::uint16_t port = 10000; port < 11000; ++port)
    rules.push_back({{nft::Protocol{6}, nft::DestinationPort{port}, nft::LocalDestination{}},
                     nft::Translate{address("10.77.0.5"), port}});
  const auto owner = make(table);
  ASSERT_TRUE(owner) << owner.error().message;
  EXPECT_TRUE(listed().contains("tcp dport 10999 fib daddr type local dnat ip to 10.77.0.5:10999"));
}

}  // namespace
}  // namespace podrun::ns

// The table that pods have in common, in the kernel: its elements, and the socket that owns it.
#include "namespaces/network/shared_filter.hpp"

#include <fcntl.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netlink.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>

#include <gtest/gtest.h>

#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/process.hpp"
#include "namespaces/netlink/netlink_socket.hpp"
#include "namespaces/netlink/nft_sets.hpp"
#include "tests/namespaces/network/network_world.hpp"

namespace podrun::ns {
namespace {

namespace nft = pod::nft;

constexpr std::uint32_t mark_of_5 = 0x70005000, mark_of_6 = 0x70006000;

nft::Element port(std::uint32_t mark, const char* address, std::uint16_t number) {
  const auto parsed = *pod::parse_ip(address);
  return {parsed.family == pod::IpFamily::V4 ? "ports4" : "ports6", nft::PortOfMark{mark, parsed, number}};
}
nft::Element ends(const char* address) {
  const auto parsed = *pod::parse_ip(address);
  return {parsed.family == pod::IpFamily::V4 ? "ends4" : "ends6", nft::SameEnds{parsed}};
}

class RootPodSharedFilter : public testing::Test {
 protected:
  RootPodSharedFilter() {
    host_.in([&] { owner_ = make_filter(table_).value(); });
    host_.run({"ip", "link", "add", "podrun5", "type", "veth"});
    host_.run({"ip", "link", "add", "podrun6", "type", "veth"});
  }
  /// Makes these the elements of a pod.
  void renew(std::uint32_t number, const std::vector<nft::Element>& elements) {
    host_.in([&] {
      const auto renewed = renew_elements(owner_.get(), table_, number, elements);
      ASSERT_TRUE(renewed) << renewed.error().message;
    });
  }
  std::string listed() { return host_.run({"nft", "list", "table", "inet", table_.name}); }
  bool has(const std::string& text) { return listed().contains(text); }
  std::uint32_t owner_address() {
    FoundTable found;
    host_.in([&] { found = find_filter(owner_.get(), table_.name).value(); });
    return found.owner.value_or(0);
  }

  const nft::Table table_ = table_of_all();
  TestNetwork host_;
  Fd owner_;
};

TEST_F(RootPodSharedFilter, ElementsAreWhatNftMakesOfTheirText) {
  const std::vector<nft::Element> elements{port(mark_of_5, "10.77.0.5", 80), port(mark_of_5 + 1, "fd77:1::5", 81),
                                           ends("10.77.0.5"), ends("fd77:1::5")};
  renew(5, elements);
  const TestNetwork other;
  std::string text = text_of(table_);
  text.erase(text.find("  flags owner\n"), 14);
  for (const nft::Element& each : elements)
    text += "add element inet " + table_.name + " " + each.set + " { " + text_of(each.value) + " }\n";
  const auto [loaded, said] = other.try_to_run({"nft", "-f", "-"}, text);
  ASSERT_TRUE(loaded) << said << text;
  std::string mine = listed();
  for (auto at = mine.find(" # progname"); at != mine.npos; at = mine.find(" # progname"))
    mine.erase(at, mine.find('\n', at) - at);
  mine.erase(mine.find("\tflags owner\n\n"), 14);
  EXPECT_EQ(mine, other.run({"nft", "list", "ruleset"}));
  EXPECT_TRUE(mine.contains("0x70005001 : fd77:1::5 . 81")) << mine;
}

TEST_F(RootPodSharedFilter, RenewedElementsReplaceThoseOfThePodAndStayWithOthers) {
  renew(5, {port(mark_of_5, "10.77.0.5", 80), port(mark_of_5 + 1, "10.77.0.5", 81), ends("10.77.0.5")});
  renew(6, {port(mark_of_6, "10.77.0.6", 80), ends("10.77.0.6")});
  renew(5, {port(mark_of_5, "10.77.0.5", 82), ends("10.77.0.5")});
  EXPECT_TRUE(has("0x70005000 : 10.77.0.5 . 82")) << listed();
  EXPECT_FALSE(has("0x70005001")) << listed();
  EXPECT_TRUE(has("10.77.0.5 . 10.77.0.5")) << listed();
  EXPECT_TRUE(has("0x70006000 : 10.77.0.6 . 80")) << listed();
  EXPECT_TRUE(has("10.77.0.6 . 10.77.0.6")) << listed();
  renew(5, {});
  EXPECT_FALSE(has("10.77.0.5")) << listed();
  EXPECT_TRUE(has("10.77.0.6 . 10.77.0.6")) << listed();
}

TEST_F(RootPodSharedFilter, WhatAKilledPodHasLeftGoesWithTheNextChange) {
  renew(5, {port(mark_of_5, "10.77.0.5", 80), ends("10.77.0.5"), port(mark_of_5, "fd77:1::5", 80), ends("fd77:1::5")});
  host_.run({"ip", "link", "delete", "podrun5"});
  renew(6, {port(mark_of_6, "10.77.0.6", 80), ends("10.77.0.6")});
  EXPECT_FALSE(has("10.77.0.5")) << listed();
  EXPECT_FALSE(has("fd77:1::5")) << listed();
  EXPECT_TRUE(has("0x70006000 : 10.77.0.6 . 80")) << listed();
}

TEST_F(RootPodSharedFilter, AnswersThatAKilledProcessHasNotReadConfuseNobody) {
  renew(5, {port(mark_of_5, "10.77.0.5", 80)});
  // One that it has asked for, which is not read to its end, and an error.
  const NetlinkBatch wrong = question_about_elements("no such table", "ports4");
  const NetlinkBatch dump = question_about_elements(table_.name, "ports4");
  for (const NetlinkBatch* each : {&wrong, &dump})
    ASSERT_GT(::send(owner_.get(), each->bytes().data(), each->bytes().size(), 0), 0);
  renew(5, {port(mark_of_5, "10.77.0.5", 81)});
  EXPECT_TRUE(has("0x70005000 : 10.77.0.5 . 81")) << listed();
}

TEST_F(RootPodSharedFilter, AsManyPortsAsAPodMayHaveAreOneChange) {
  std::vector<nft::Element> elements{ends("fd77:1::5")};
  for (std::uint32_t i = 0; i < 4096; ++i) elements.push_back(port(mark_of_5 + i, "fd77:1::5", 80));
  renew(5, elements);
  EXPECT_TRUE(has("0x70005fff : fd77:1::5 . 80"));
  renew(5, {});
  EXPECT_FALSE(has("fd77:1::5"));
}

TEST_F(RootPodSharedFilter, ItsOwnerIsKnownByItsAddress) {
  const std::uint32_t owner = owner_address();
  ASSERT_NE(owner, 0U);
  const TestNetwork elsewhere;
  elsewhere.in([&] { EXPECT_FALSE(is_owner(owner_.get(), owner)) << "another network namespace has others"; });
  host_.in([&] {
    const Fd copy(::dup(owner_.get()));
    EXPECT_TRUE(is_owner(copy.get(), owner));
    const auto other = NetlinkSocket::open(NETLINK_NETFILTER);
    EXPECT_FALSE(is_owner(other->get(), owner));
    EXPECT_FALSE(is_owner(STDERR_FILENO, owner));
    EXPECT_FALSE(find_filter(owner_.get(), "podrun-none").value().exists);
  });
  host_.run({"nft", "add", "table", "inet", "podrun-free"});
  host_.in([&] {
    EXPECT_TRUE(find_filter(owner_.get(), "podrun-free").value().exists);
    EXPECT_FALSE(find_filter(owner_.get(), "podrun-free").value().owner);
  });
}

TEST_F(RootPodSharedFilter, ItIsTakenFromAProcessThatHasItAndOutlivesIt) {
  auto pipe = make_pipe();
  const pid_t child = ::fork();
  if (child == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::prctl(PR_SET_DUMPABLE, 0);
    const Fd far(::fcntl(owner_.get(), F_DUPFD_CLOEXEC, 200));
    owner_.reset();
    if (::write(pipe->second.get(), "1", 1) != 1) ::_exit(1);
    for (;;) ::pause();
  }
  const Process process = open_process(child).value();
  char byte = 0;
  ASSERT_EQ(::read(pipe->first.get(), &byte, 1), 1);
  const std::uint32_t owner = owner_address();
  owner_.reset();
  host_.in([&] { owner_ = take_owner(process.pidfd.get(), owner); });
  ASSERT_TRUE(owner_);
  ASSERT_TRUE(send_signal(process, SIGKILL));
  (void)wait_for(process);
  renew(5, {port(mark_of_5, "10.77.0.5", 80)});
  host_.in([&] { EXPECT_FALSE(take_owner(process.pidfd.get(), owner)) << "it has ended"; });
  owner_.reset();
  EXPECT_EQ(host_.run({"nft", "list", "tables"}), "");
}

}  // namespace
}  // namespace podrun::ns

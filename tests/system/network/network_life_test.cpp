// What connects a pod to the host: when it is there, and that nothing of it is left.
#include <signal.h>

#include "tests/system/network/lan.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

std::string podrun_links() { return shell("ip -o link show | grep -o 'podrun[0-9]*' | sort -u").out; }
std::string podrun_tables() { return shell("nft list tables | grep podrun").out; }
std::string links_of(const TemporaryRoot& root, const std::string& target) {
  return run(root, {"exec", target, "--", "ip", "-o", "link"}).out;
}

/// The interface goes with the namespace, a little after the last process.
testing::AssertionResult is_disconnected() {
  const Deadline deadline = soon();
  while (std::chrono::steady_clock::now() < deadline)
    if (podrun_links().empty() && podrun_tables().empty()) return testing::AssertionSuccess();
  return testing::AssertionFailure() << podrun_links() << podrun_tables();
}

/// A pod with annotations. Its containers are `a` and `b`.
std::string annotated(const std::string& name, const std::string& annotations) {
  std::string text = two_sleepers(name);
  return text.insert(text.find("metadata:\n") + 10, "  annotations:\n" + annotations);
}

TEST(NetworkLife, ThePodIsConnectedUnlessItSaysOtherwise) {
  const TemporaryRoot root;
  ASSERT_EQ(run(root, {"-d", root.write("none.yaml", annotated("none", "    podrun.io/network: none\n"))}).status, 0);
  EXPECT_EQ(podrun_links(), "");
  EXPECT_FALSE(holds(links_of(root, "none/a"), "eth0"));
  ASSERT_EQ(run(root, {"stop", "-t", "0", "none"}).status, 0);

  const std::string apart = annotated("apart", "    podrun.io/namespaces: 'b: net=private'\n");
  ASSERT_EQ(run(root, {"-d", root.write("apart.yaml", apart)}).status, 0);
  EXPECT_TRUE(holds(links_of(root, "apart/a"), "eth0"));
  EXPECT_FALSE(holds(links_of(root, "apart/b"), "eth0"));
  ASSERT_EQ(run(root, {"stop", "-t", "0", "apart"}).status, 0);

  const std::string both = annotated(
      "both", "    podrun.io/namespaces: 'b: net=private'\n    podrun.io/network.b: default\n");
  ASSERT_EQ(run(root, {"-d", root.write("both.yaml", both)}).status, 0);
  EXPECT_TRUE(holds(links_of(root, "both/a"), "eth0"));
  EXPECT_TRUE(holds(links_of(root, "both/b"), "eth0"));
  const auto record = wait_for_state(root, "default_both", [](const auto& each) { return each.networks.size() == 2; });
  const std::string other = pod::text_of(record.networks.at(1).addresses.list().at(0));
  EXPECT_EQ(run(root, {"exec", "both/a", "--", "ping", "-c", "1", "-W", "2", other}).status, 0);
  ASSERT_EQ(run(root, {"stop", "-t", "0", "both"}).status, 0);
  EXPECT_EQ(podrun_links(), "");
}

TEST(NetworkLife, StopReturnsWhenTheInterfaceAndTheTableAreGone) {
  const TemporaryRoot root;
  ASSERT_EQ(run(root, {"-d", root.write("p.yaml", two_sleepers("p"))}).status, 0);
  EXPECT_NE(podrun_links(), "");
  EXPECT_NE(podrun_tables(), "");
  ASSERT_EQ(run(root, {"stop", "-t", "0", "p"}).status, 0);
  EXPECT_EQ(podrun_links(), "");
  EXPECT_EQ(podrun_tables(), "");
}

TEST(NetworkLife, AKilledPauseLeavesNeitherInterfaceNorTable) {
  const TemporaryRoot root;
  const HostSnapshot before = snapshot(root);
  ASSERT_EQ(run(root, {"-d", root.write("p.yaml", two_sleepers("p"))}).status, 0);
  const pid_t pause = processes_of(root, "default_p").pause;
  ASSERT_EQ(::kill(pause, SIGKILL), 0);
  EXPECT_TRUE(is_disconnected());
  ASSERT_EQ(run(root, {"rm", "p"}).status, 0);
  EXPECT_EQ(changes(before, snapshot(root)), "");
}

TEST(NetworkLife, AKilledSupervisorChangesNothing) {
  const TemporaryRoot root;
  ASSERT_EQ(run(root, {"-d", root.write("p.yaml", two_sleepers("p"))}).status, 0);
  const std::string links = podrun_links(), tables = podrun_tables();
  const Processes processes = processes_of(root, "default_p");
  ASSERT_EQ(::kill(processes.supervisor, SIGKILL), 0);
  ASSERT_TRUE(wait_until_dead(processes.supervisor));
  EXPECT_EQ(run(root, {"exec", "p/a", "--", "true"}).status, 0);
  EXPECT_EQ(podrun_links(), links);
  EXPECT_EQ(podrun_tables(), tables);
  ASSERT_EQ(run(root, {"stop", "-t", "0", "p"}).status, 0);
  EXPECT_EQ(podrun_links() + podrun_tables(), "");
}

TEST(NetworkLife, APodHasTheSameAddressEachTime) {
  const TemporaryRoot root;
  std::string first;
  for (int round = 0; round < 5; ++round) {
    ASSERT_EQ(run(root, {"-d", root.write("p.yaml", two_sleepers("p"))}).status, 0);
    const std::string links = podrun_links();
    if (round == 0) first = links;
    EXPECT_EQ(links, first);
    // Not by stop, which waits until the interface is gone.
    const pid_t pause = processes_of(root, "default_p").pause;
    ASSERT_EQ(::kill(pause, SIGKILL), 0);
    ASSERT_TRUE(wait_until_dead(pause));
  }
}

TEST(NetworkLife, APodOfSeveralThatWereStartedTogetherHasItsAddressAgain) {
  const TemporaryRoot root;
  const std::string p = root.write("p.yaml", two_sleepers("p")), q = root.write("q.yaml", two_sleepers("q"));
  ASSERT_EQ(run(root, {"-d", p, q}).status, 0);
  const std::string links = podrun_links();
  for (const auto& [name, file] : {std::pair("p", p), std::pair("q", q)}) {
    ASSERT_EQ(run(root, {"stop", "-t", "0", name}).status, 0);
    ASSERT_EQ(run(root, {"-d", file}).status, 0);
    EXPECT_EQ(podrun_links(), links);
  }
  ASSERT_EQ(run(root, {"stop", "-t", "0", "p", "q"}).status, 0);
}

TEST(NetworkLife, APodThatReplacesAnotherHasItsAddress) {
  const TemporaryRoot root;
  const std::string file = root.write("p.yaml", two_sleepers("p"));
  ASSERT_EQ(run(root, {"-d", file}).status, 0);
  const std::string links = podrun_links();
  ASSERT_EQ(::kill(processes_of(root, "default_p").pause, SIGTERM), 0);  // its containers ignore TERM
  const Finished replaced = run(root, {"run", "-d", "--replace", file});
  EXPECT_EQ(replaced.status, 0) << replaced.err;
  EXPECT_EQ(podrun_links(), links);
  ASSERT_EQ(run(root, {"stop", "-t", "0", "p"}).status, 0);
}

TEST(NetworkLife, ForwardingIsOnAsLongAsAPodNeedsIt) {
  const TemporaryRoot root;
  const Lan lan;
  ASSERT_EQ(shell("echo 0 > /proc/sys/net/ipv4/ip_forward").status, 0);
  const auto forwarding = [] { return shell("cat /proc/sys/net/ipv4/ip_forward").out; };
  ASSERT_EQ(run(root, {"-d", root.write("p.yaml", two_sleepers("p"))}).status, 0);
  ASSERT_EQ(run(root, {"-d", root.write("q.yaml", two_sleepers("q"))}).status, 0);
  EXPECT_EQ(forwarding(), "1\n");
  ASSERT_EQ(run(root, {"stop", "-t", "0", "p"}).status, 0);
  EXPECT_EQ(forwarding(), "1\n");
  ASSERT_EQ(run(root, {"stop", "-t", "0", "q"}).status, 0);
  EXPECT_EQ(forwarding(), "0\n");
}

}  // namespace
}  // namespace podrun::test

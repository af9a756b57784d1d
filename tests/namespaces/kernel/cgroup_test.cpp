// Control groups, on the hierarchy of the host.
#include "namespaces/kernel/cgroup.hpp"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/namespaces/kernel/root_cgroup.hpp"

namespace podrun::ns {
namespace {

using namespace std::chrono_literals;

pod::HostFacts facts_of(const std::string& own_cgroup, bool delegated = false) {
  pod::HostFacts facts;
  facts.own_cgroup = own_cgroup;
  facts.delegated = delegated;
  return facts;
}

TEST(CgroupBase, TheDefaultBaseIsPodrunBelowTheHierarchysRoot) {
  EXPECT_EQ(cgroup_base({}, ""), "podrun");
  EXPECT_EQ(cgroup_base(facts_of("/user.slice"), ""), "podrun");
}

TEST(CgroupBase, TheBaseIsInTheUnitsCgroupIfThatIsDelegated) {
  EXPECT_EQ(cgroup_base(facts_of("/system.slice/podrun@web.service", true), ""),
            "system.slice/podrun@web.service/podrun");
}

TEST(CgroupBase, EachRootDirectoryHasItsOwnBase) {
  EXPECT_EQ(cgroup_base({}, "/srv/test"), "podrun-srv-test");
  EXPECT_NE(cgroup_base({}, "/srv/test"), cgroup_base({}, "/srv/other"));
}

TEST_F(RootCgroup, ACgroupThatWasNeverMadeCannotBeOpened) {
  const auto group = PodCgroup::open(facts_, base_, "default_a");
  ASSERT_FALSE(group);
  EXPECT_EQ(group.error().number, ENOENT);
  EXPECT_TRUE(pods_with_cgroups(facts_, base_).value().empty());
}

TEST_F(RootCgroup, PodsWithCgroupsAreFound) {
  create("default_a");
  create("default_b");
  auto pods = pods_with_cgroups(facts_, base_).value();
  std::ranges::sort(pods);
  EXPECT_EQ(pods, (std::vector<std::string>{"default_a", "default_b"}));
}

TEST_F(RootCgroup, KillingAContainerAlsoKillsItsNestedCgroups) {
  const PodCgroup pod = create("default_a");
  const Fd app = pod.container("app").value(), log = pod.container("log").value();
  const Fd nested = pod.container("app/of its own").value();
  const Process first = start_in(app), second = start_in(nested), neighbour = start_in(log);
  ASSERT_TRUE(pod.kill("app"));
  EXPECT_EQ(exit_code_of(wait_for(first).value()), 128 + SIGKILL);
  EXPECT_EQ(exit_code_of(wait_for(second).value()), 128 + SIGKILL);
  EXPECT_FALSE(has_ended(neighbour));
  ASSERT_TRUE(pod.kill("log"));
  EXPECT_TRUE(wait_for(neighbour));
}

TEST_F(RootCgroup, AProcessIsAttributedToItsContainerDeadOrAlive) {
  const PodCgroup pod = create("default_a"), other = create("default_b");
  const Fd group = pod.container("app").value();
  const Process process = start_in(group);
  EXPECT_EQ(pod.group_of(process.pid), "app");
  EXPECT_EQ(other.group_of(process.pid), "");
  EXPECT_EQ(pod.group_of(::getpid()), "");
  ASSERT_TRUE(end(process, 10s));
  EXPECT_EQ(pod.group_of(process.pid), "app") << "as a zombie";
  EXPECT_TRUE(wait_for(process));
  EXPECT_EQ(pod.group_of(process.pid), "");
  const Process nested = start_in(pod.container("app/of its own").value());
  EXPECT_EQ(pod.group_of(nested.pid), "app");
  ASSERT_TRUE(end(nested, 10s) && wait_for(nested));
}

TEST_F(RootCgroup, KillingAContainerWithoutACgroupIsNoError) {
  EXPECT_TRUE(create("default_a").kill("never-started"));
}

TEST_F(RootCgroup, RemovingAPodKillsItsProcessesAndLeavesNoCgroup) {
  const PodCgroup pod = create("default_a");
  const Fd app = pod.container("app").value(), nested = pod.container("app/x/y").value();
  const Process first = start_in(app), second = start_in(nested);
  const auto removed = pod.remove(10s);
  ASSERT_TRUE(removed) << removed.error().message;
  EXPECT_TRUE(ends(first));
  EXPECT_TRUE(ends(second));
  EXPECT_TRUE(wait_for(first));
  EXPECT_TRUE(wait_for(second));
  EXPECT_EQ(PodCgroup::open(facts_, base_, "default_a").error().number, ENOENT);
  const Fd hierarchy = open_cgroup2(facts_).value();
  EXPECT_LT(::faccessat(hierarchy.get(), base_.c_str(), F_OK, 0), 0) << "the last pod takes the base with it";
}

TEST_F(RootCgroup, RemovingAPodKillsItsHelpers) {
  const PodCgroup pod = create("default_a");
  const Fd group = pod.helpers().value();
  const auto helper = run_in_child(wait_for_a_signal, group.get());
  ASSERT_TRUE(helper);
  EXPECT_EQ(pod.group_of(helper->pid), "_helpers");
  ASSERT_TRUE(pod.remove(10s));
  EXPECT_TRUE(ends(*helper));
  EXPECT_TRUE(wait_for(*helper));
}

TEST_F(RootCgroup, RemovingAPodLeavesOtherPodsRunning) {
  const PodCgroup pod = create("default_a"), neighbour = create("default_b");
  const Process lives = start_in(neighbour.container("app").value());
  ASSERT_TRUE(pod.remove(10s));
  EXPECT_FALSE(has_ended(lives));
  EXPECT_EQ(pods_with_cgroups(facts_, base_).value(), std::vector<std::string>{"default_b"});
  ASSERT_TRUE(neighbour.remove(10s));
  EXPECT_TRUE(wait_for(lives));
}

TEST_F(RootCgroup, CgroupsAreReachedWhereTheHostMountsNoCgroup2) {
  create("default_a");
  pod::HostFacts without = facts_;
  without.cgroup2_mount.clear();
  without.cgroups = pod::CgroupLayout::None;
  const auto group = PodCgroup::open(without, base_, "default_a");
  ASSERT_TRUE(group) << group.error().message;
  const Process process = start_in(group->container("app").value());
  ASSERT_TRUE(group->kill("app"));
  EXPECT_EQ(exit_code_of(wait_for(process).value()), 128 + SIGKILL);
}

}  // namespace
}  // namespace podrun::ns

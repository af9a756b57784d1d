// Control groups, on the hierarchy of the host.
#include "namespaces/kernel/cgroup.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "namespaces/kernel/child_task.hpp"
#include "namespaces/launch/read_host_facts.hpp"

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

int wait_for_a_signal() {
  ::pause();
  return 0;
}

class RootCgroup : public testing::Test {
 protected:
  ~RootCgroup() override {
    for (const char* id : {"default_a", "default_b"})
      if (const auto group = PodCgroup::open(facts_, base_, id)) (void)group->remove(10s);
  }

  PodCgroup create(const std::string& id) {
    auto group = PodCgroup::create(facts_, base_, id);
    EXPECT_TRUE(group) << group.error().message;
    return std::move(*group);
  }
  /// A process that sleeps in a group.
  static Process start_in(const Fd& group) {
    auto process = run_in_child(wait_for_a_signal);
    const Fd members(::openat(group.get(), "cgroup.procs", O_WRONLY | O_CLOEXEC));
    const std::string pid = std::to_string(process->pid);
    EXPECT_EQ(::write(members.get(), pid.data(), pid.size()), static_cast<ssize_t>(pid.size()));
    return std::move(*process);
  }
  static bool exists(const Fd& group, const char* name) {
    return ::faccessat(group.get(), name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
  }
  static bool has_ended(const Process& process, int timeout_ms = 0) {
    pollfd ended{process.pidfd.get(), POLLIN, 0};
    return ::poll(&ended, 1, timeout_ms) == 1;
  }
  /// Needed because a group becomes empty a moment before its last process can be reaped.
  static bool ends(const Process& process) { return has_ended(process, 10'000); }

  pod::HostFacts facts_ = read_host_facts("/var/tmp");
  std::string base_ = fmt::format("podrun-test-{}", ::getpid());
};

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

// ---- the groups of commands ----

TEST_F(RootCgroup, ACommandNeedsAContainersGroup) {
  const auto command = create("default_a").command("app");
  ASSERT_FALSE(command);
  EXPECT_EQ(command.error().number, ENOENT);
}

TEST_F(RootCgroup, EachCommandHasAGroupOfItsOwn) {
  const PodCgroup pod = create("default_a");
  const Fd app = pod.container("app").value();
  const auto first = pod.command("app"), second = pod.command("app");
  ASSERT_TRUE(first && second);
  const auto process = run_in_child(wait_for_a_signal, second->group());
  EXPECT_EQ(pod.group_of(process->pid), "app");
  EXPECT_TRUE(exists(app, "cmd-0") && exists(app, "cmd-1"));
  EXPECT_TRUE(first->end(10s));
  EXPECT_FALSE(exists(app, "cmd-0"));
  EXPECT_FALSE(has_ended(*process)) << "it is the other's";
  EXPECT_TRUE(second->end(10s));
  EXPECT_TRUE(wait_for(*process));
  EXPECT_FALSE(exists(app, "cmd-1"));
}

TEST_F(RootCgroup, ACommandsGroupEndsWithTheGroupsInIt) {
  const PodCgroup pod = create("default_a");
  const Fd app = pod.container("app").value();
  const auto command = pod.command("app");
  const Process nested = start_in(pod.container("app/cmd-0/of its own").value());
  EXPECT_TRUE(command->end(10s));
  EXPECT_TRUE(wait_for(nested));
  EXPECT_FALSE(exists(app, "cmd-0"));
}

TEST_F(RootCgroup, TheGroupOfAKilledClientIsRemovedWhenItIsEmpty) {
  const PodCgroup pod = create("default_a");
  const Fd app = pod.container("app").value();
  std::optional killed(pod.command("app").value());
  const auto process = run_in_child(wait_for_a_signal, killed->group());
  killed.reset();  // closes the lock, as the death of the client does
  pod.remove_unused_commands("app");
  EXPECT_TRUE(exists(app, "cmd-0")) << "something is in it";
  ASSERT_TRUE(end(*process, 10s) && wait_for(*process));
  pod.remove_unused_commands("app");
  EXPECT_FALSE(exists(app, "cmd-0"));

  const CommandCgroup used = pod.command("app").value();
  pod.remove_unused_commands("app");
  EXPECT_TRUE(exists(app, "cmd-0")) << "its client lives";
  EXPECT_TRUE(used.end(10s));
}

TEST_F(RootCgroup, TheEndOfAContainerEndsItsCommands) {
  const PodCgroup pod = create("default_a");
  const Fd app = pod.container("app").value();
  const auto command = pod.command("app");
  const auto process = run_in_child(wait_for_a_signal, command->group());
  ASSERT_TRUE(pod.discard("app", 10s));
  EXPECT_TRUE(wait_for(*process));
  EXPECT_FALSE(pod.command("app")) << "the container's group is removed";
  EXPECT_TRUE(command->end(10s)) << "there is nothing to do";
}

// Clients make and remove groups while a container's group is removed and made again.
TEST_F(RootCgroup, ManyClientsAtOnceDoNotDisturbEachOther) {
  const PodCgroup pod = create("default_a");
  Fd app = pod.container("app").value();
  const auto is_removed = [](const Error& error) { return error.number == ENOENT || error.number == ENODEV; };
  const auto run_commands = [&] {
    for (int round = 0; round < 100; ++round) {
      const auto command = pod.command("app");
      if (!command && is_removed(command.error())) continue;
      if (!command) return 1;
      if (round % 3 == 0) continue;  // a killed client
      const auto process = run_in_child([] { return 0; }, command->group());
      if (process && !wait_for(*process)) return 2;
      if (!process && !is_removed(process.error())) return 3;
      if (!command->end(10s)) return 4;
    }
    return 0;
  };
  std::vector<Process> clients;
  for (int i = 0; i < 6; ++i) clients.push_back(run_in_child(run_commands).value());
  for (int round = 0; round < 20; ++round) {
    EXPECT_TRUE(pod.discard("app", 10s));
    app = pod.container("app").value();
  }
  for (const Process& client : clients) EXPECT_EQ(exit_code_of(wait_for(client).value()), 0);
  pod.remove_unused_commands("app");
  struct stat status{};
  ASSERT_EQ(::fstat(app.get(), &status), 0);
  EXPECT_EQ(status.st_nlink, 2U) << "no group is left in it";
}

}  // namespace
}  // namespace podrun::ns

// The control group of a command of `podrun exec`: what the command has started ends with it.
#include <signal.h>

#include <filesystem>

#include <fmt/format.h>

#include "tests/system/enter/exec_pod.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;

/// Starts a daemon, which leaves the session and the parent of the command, and waits.
const std::string with_daemon =
    "(setsid sh -c 'sleep 100000 & echo daemon; wait' &); while :; do sleep 100000; done";

class CommandGroup : public Exec {
 protected:
  std::string group(const std::string& name) const {
    return fmt::format("{}/{}/default_two/{}", root_.facts().cgroup2_mount, root_.cgroup_base(), name);
  }
  bool exists(const std::string& name) const { return fs::exists(group(name)); }
  std::vector<pid_t> processes_in(const std::string& name) const {
    std::vector<pid_t> pids;
    for (const std::string& line : lines_of(contents_of(group(name) + "/cgroup.procs")))
      pids.push_back(std::stoi(line));
    return pids;
  }
  /// The shell of the command and its sleep, the shell of the daemon and its sleep.
  std::vector<pid_t> with_daemon_in(PodRun& client, const std::string& name) const {
    EXPECT_TRUE(client.wait_for_out("daemon"));
    const Deadline deadline = soon();
    while (processes_in(name).size() < 4 && std::chrono::steady_clock::now() < deadline) {}
    EXPECT_EQ(processes_in(name).size(), 4U);
    return processes_in(name);
  }
};

TEST_F(CommandGroup, ADaemonOfACommandEndsWithTheCommand) {
  const HostSnapshot before = snapshot(root_);
  PodRun client(root_, script({"two/a"}, with_daemon));
  const std::vector<pid_t> started = with_daemon_in(client, "a/cmd-0");
  client.signal(SIGTERM);
  EXPECT_EQ(client.wait_exit(), 128 + SIGTERM);
  for (const pid_t pid : started) EXPECT_TRUE(wait_until_dead(pid));
  EXPECT_FALSE(exists("a/cmd-0"));
  EXPECT_EQ(additions(before, snapshot(root_)), "");
}

TEST_F(CommandGroup, ADaemonOfACommandEndsWithTheKilledClient) {
  PodRun client(root_, script({"two/a"}, with_daemon));
  const std::vector<pid_t> started = with_daemon_in(client, "a/cmd-0");
  const pid_t monitor = monitor_of(client);
  client.signal(SIGKILL);
  EXPECT_EQ(client.wait_exit(), 128 + SIGKILL);
  for (const pid_t pid : started) EXPECT_TRUE(wait_until_dead(pid));
  EXPECT_TRUE(wait_until_dead(monitor));
  EXPECT_TRUE(exists("a/cmd-0")) << "nobody is left who could remove it";
  EXPECT_EQ(exec({"two/a"}, "grep -c /a/cmd-0 /proc/self/cgroup").out, "1\n") << "the next one removes it";
  EXPECT_FALSE(exists("a/cmd-0"));
}

TEST_F(CommandGroup, AKilledClientsGroupIsRemovedWhenTheContainerEnds) {
  PodRun client(root_, waiting("two/a"));
  ASSERT_TRUE(client.wait_for_out("here"));
  const pid_t monitor = monitor_of(client);
  client.signal(SIGKILL);
  EXPECT_EQ(client.wait_exit(), 128 + SIGKILL);
  EXPECT_TRUE(wait_until_dead(monitor));
  EXPECT_TRUE(exists("a/cmd-0"));
  end_descendant(pod_["a"]);
  wait_for_state(root_, "default_two", [&](const supervisor::PodRecord& record) {
    return record.status.containers[0].restart_count == 1 && record.containers[0].pid != pod_["a"];
  });
  EXPECT_FALSE(exists("a/cmd-0"));
}

TEST_F(CommandGroup, TwoCommandsAtOnceHaveDifferentGroups) {
  PodRun first(root_, waiting("two/a")), second(root_, waiting("two/a"));
  ASSERT_TRUE(first.wait_for_out("here"));
  ASSERT_TRUE(second.wait_for_out("here"));
  EXPECT_NE(group_of(command_of(first)), group_of(command_of(second)));
  EXPECT_EQ(fs::path(group_of(command_of(first))).parent_path(), group_of(pod_["a"]));
  EXPECT_TRUE(group_of(monitor_of(first)).ends_with("/default_two/_helpers"));
  first.signal(SIGTERM);
  EXPECT_EQ(first.wait_exit(), 128 + SIGTERM);
  EXPECT_TRUE(is_active(command_of(second)));
  second.signal(SIGTERM);
  EXPECT_EQ(second.wait_exit(), 128 + SIGTERM);
}

TEST_F(CommandGroup, ACommandOnATerminalAlsoEndsWithItsDaemon) {
  PodRun client(root_, script({"-it", "two/a"}, "trap '' HUP; (setsid sleep 100000 &); echo here; read line"),
                {.terminal = true});
  ASSERT_TRUE(client.wait_for_out("here"));
  const std::vector<pid_t> started = processes_in("a/cmd-0");
  client.type("\n");
  EXPECT_EQ(client.wait_exit(), 0);
  for (const pid_t pid : started) EXPECT_TRUE(wait_until_dead(pid));
  EXPECT_FALSE(exists("a/cmd-0"));
}

// In a PID namespace that containers share, the end of a container does not end its commands by itself.
TEST_F(CommandGroup, ACommandInASharedPidNamespaceHasItsGroup) {
  const std::string text = manifest("shared", {{"a", until_stopped}, {"b", until_stopped}},
                                    "restartPolicy: Always\nshareProcessNamespace: true");
  ASSERT_EQ(run(root_, {"-d", root_.write("shared.yaml", text)}).status, 0);
  const Processes shared = processes_of(root_, "default_shared");
  PodRun client(root_, script({"shared/a"}, with_daemon));
  ASSERT_TRUE(client.wait_for_out("daemon"));
  const pid_t command = command_of(client);
  EXPECT_EQ(group_of(command), group_of(shared["a"]) + "/cmd-0");
  end_descendant(shared["a"]);
  EXPECT_EQ(client.wait_exit(), 128 + SIGKILL);
  wait_for_state(root_, "default_shared", [](const supervisor::PodRecord& record) {
    const auto& a = record.status.containers[0];
    return a.instance == 1 && a.state == supervisor::ContainerState::Running;
  });
  EXPECT_EQ(run(root_, {"exec", "shared/a", "--", "true"}).status, 0);
  EXPECT_EQ(run(root_, {"stop", "--grace-period", "0", "shared"}).status, 0);
}

}  // namespace
}  // namespace podrun::test

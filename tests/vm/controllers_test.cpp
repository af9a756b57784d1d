// The controllers of cgroup2 can be enabled below a pod's group, which the limits of containers need.
#include <cerrno>
#include <cstring>
#include <fstream>
#include <utility>

#include "tests/vm/unit.hpp"

namespace podrun::test {
namespace {

const std::string controllers = "+memory +cpu +pids";

/// Enables the controllers for the groups below a group. "" or the error.
std::string enable_below(const std::string& group) {
  std::ofstream file(group + "/cgroup.subtree_control");
  file << controllers << std::flush;
  return file ? "" : group + ": " + std::strerror(errno);
}

/// A pod's group, and those of its base above it, in which the controllers must be enabled first.
void expect_enabled_below(const Unit& pod, const std::string& name) {
  const std::string base = pod.cgroup() + "/podrun", group = base + "/default_" + name;
  // The pause and the supervisor leave the unit's group a moment after the unit is ready.
  for (const Deadline deadline = soon(); contents_of(pod.cgroup() + "/cgroup.procs") != "";)
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  EXPECT_EQ(contents_of(group + "/cgroup.procs"), "");
  for (const std::string& each : {pod.cgroup(), base, group}) EXPECT_EQ(enable_below(each), "");
  for (const std::string container : {"a", "b"}) {
    EXPECT_EQ(contents_of(group + "/" + container + "/cgroup.controllers"), "cpu memory pids\n");
    EXPECT_EQ(contents_of(group + "/" + container + "/cgroup.subtree_control"), "");
  }
}

/// Runs a command in a container, whose limits it shares: its own group has no controllers.
void expect_command_in_limits(const Unit& pod, const std::string& name) {
  const std::string a = pod.container_cgroup("a");
  std::ofstream(a + "/pids.max") << "20" << std::flush;
  const Finished seen = command({"/usr/bin/podrun", "exec", name + "/a", "--", "cat", "/proc/self/cgroup"});
  EXPECT_EQ(seen.status, 0) << seen.err;
  EXPECT_TRUE(holds(seen.out, "/a/cmd-0\n")) << seen.out;
  const Finished bomb = command({"/usr/bin/podrun", "exec", name + "/a", "--", "sh", "-c",
                                 "for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do sleep 1000 & done"});
  EXPECT_TRUE(holds(bomb.err, "fork")) << bomb.err;
  EXPECT_EQ(pod.processes("a").size(), 1U);
}

void expect_limits(const std::string& fields) {
  Unit pod("limits", manifest("limits", {{"a", "exec sleep 1000"}, {"b", "exec sleep 1000"}}, at_once + fields));
  ASSERT_TRUE(pod.start());
  expect_enabled_below(pod, "limits");
  expect_command_in_limits(pod, "limits");
  EXPECT_EQ(pod.systemctl("stop").status, 0);
  EXPECT_EQ(pod.property("Result"), "success");
}

TEST(Controllers, CanBeEnabledBelowAPodWithPidNamespacesOfItsContainers) { expect_limits(""); }
TEST(Controllers, CanBeEnabledBelowAPodWithASharedPidNamespace) { expect_limits("\nshareProcessNamespace: true"); }
TEST(Controllers, CanBeEnabledBelowAPodInTheHostsPidNamespace) { expect_limits("\nhostPID: true"); }

/// The pod's init is rooted at the pod's group, and is in another.
TEST(ComposedControllers, CanBeEnabledBelowThePodsCgroupNamespace) {
  std::string text = manifest("rooted", {{"a", "exec sleep 1000"}, {"b", "exec sleep 1000"}}, at_once);
  text.insert(text.find("spec:"),
              "  annotations:\n    podrun.io/namespaces: |\n      a: cgroup=private\n      b: cgroup=pod\n");
  Unit pod("rooted", text);
  ASSERT_TRUE(pod.start());
  expect_enabled_below(pod, "rooted");
  // systemd mounts cgroup2 with nsdelegate: nobody clones from outside of its cgroup namespace into a group inside.
  for (const auto& [container, seen] : {std::pair("a", "0::/cmd-0\n"), std::pair("b", "0::/b/cmd-0\n")}) {
    const Finished ended = command(
        {"/usr/bin/podrun", "exec", std::string("rooted/") + container, "--", "cat", "/proc/self/cgroup"});
    EXPECT_EQ(ended.out, seen) << ended.err;
  }
}

}  // namespace
}  // namespace podrun::test

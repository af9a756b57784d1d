// Processes that containers make children of the pause are reaped, and cause no other work.
#include <poll.h>
#include <signal.h>

#include <fmt/format.h>

#include "tests/system/support/supervisor_killer.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

using namespace std::chrono_literals;

class ForeignChildren : public testing::Test {
 protected:
  std::string write(const std::string& probe, const std::string& spec, const std::string& fields = "") {
    const std::string command = "command: [podrun-probe, " + probe + "]\n" + fields;
    return root_.write("pod.yaml",
                       manifest("pod", {{"a", "", command, image_}}, spec + "\nterminationGracePeriodSeconds: 0"));
  }
  static int zombies_of(pid_t pid) {
    int zombies = 0;
    for (const pid_t child : children_of(pid)) zombies += state_of(child) == 'Z' ? 1 : 0;
    return zombies;
  }
  static testing::AssertionResult wait_until_reaped(pid_t parent) {
    const Deadline deadline = soon();
    while (zombies_of(parent) > 0)
      if (std::chrono::steady_clock::now() > deadline)
        return testing::AssertionFailure() << zombies_of(parent) << " zombies are left";
    return testing::AssertionSuccess();
  }
  /// The number of times that a process has been woken.
  static std::string wakes_of(pid_t pid) { return status_of(pid, "voluntary_ctxt_switches"); }
  /// Whether neither of the two is woken, nor ends, for half a second.
  static testing::AssertionResult are_idle(pid_t pause, pid_t supervisor) {
    std::string before, after;
    const auto process = ns::open_process(supervisor);
    if (!process) return testing::AssertionFailure() << "there is no supervisor";
    for (const Deadline deadline = soon(); std::chrono::steady_clock::now() < deadline;) {
      before = wakes_of(pause) + " " + wakes_of(supervisor);
      pollfd ended{process->pidfd.get(), POLLIN, 0};
      if (::poll(&ended, 1, 500) != 0) return testing::AssertionFailure() << "the supervisor has ended";
      after = wakes_of(pause) + " " + wakes_of(supervisor);
      if (before == after) return testing::AssertionSuccess();
    }
    return testing::AssertionFailure() << "woken: " << before << ", then " << after;
  }

  TemporaryRoot root_;
  std::string image_ = "rootfs:" + root_.make_rootfs("image");
};

TEST_F(ForeignChildren, ChildrenThatAContainerGivesThePauseAreReaped) {
  PodRun pod(root_, {write("siblings, '150'", "shareProcessNamespace: true", "securityContext: {privileged: true}")});
  ASSERT_TRUE(pod.wait_for_out("siblings: 150\n"));
  EXPECT_TRUE(wait_until_reaped(pod.pid()));
  const Processes processes = processes_of(root_, "default_pod");
  EXPECT_TRUE(are_idle(processes.pause, processes.supervisor));
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
}

TEST_F(ForeignChildren, TheNextSupervisorReapsChildrenGivenToThePause) {
  PodRun pod(root_, {write("siblings, '2000'", "shareProcessNamespace: true", "securityContext: {privileged: true}")});
  ASSERT_TRUE(pod.wait_for_err("started (pid"));
  SupervisorKiller killer(pod.pid());
  for (int kill = 1; kill <= 2; ++kill) {
    ASSERT_TRUE(killer.kill_next(2ms));
    ASSERT_TRUE(pod.wait_for_err("took over", kill));
  }
  ASSERT_TRUE(pod.wait_for_out("siblings: 2000\n"));
  EXPECT_TRUE(wait_until_reaped(pod.pid()));
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
}

// A container in the host's PID namespace has no init, so the pause is the parent of its orphans.
TEST_F(ForeignChildren, OrphansInTheHostsPidNamespaceAreReapedAtTheirEnd) {
  PodRun pod(root_, {write("orphan", "hostPID: true")});
  ASSERT_TRUE(pod.wait_for_out("\n"));
  const pid_t orphan = std::stoi(pod.out().substr(pod.out().rfind(' ')));
  for (const Deadline deadline = soon(); parent_of(orphan) != pod.pid();)
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  ASSERT_TRUE(SupervisorKiller(pod.pid()).kill_next());
  ASSERT_TRUE(pod.wait_for_err("took over"));
  EXPECT_TRUE(is_active(orphan));
  end_descendant(orphan);
  EXPECT_TRUE(wait_until_reaped(pod.pid()));
  EXPECT_EQ(state_of(orphan), '\0');
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
}

}  // namespace
}  // namespace podrun::test

// restartPolicy and back-off of a running pod. backoff_test.cpp tests the delays.
#include <filesystem>

#include <nlohmann/json.hpp>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

const std::string volume = "volumeMounts: [{name: v, mountPath: /v}]";

class Restart : public testing::Test {
 protected:
  std::string write(const std::string& policy, const std::string& script) {
    return root_.write("pod.yaml",
                       manifest("pod", {{"c", script, volume}},
                                "restartPolicy: " + policy + "\nvolumes: [{name: v, emptyDir: {}}]"));
  }

  TemporaryRoot root_;
};

TEST_F(Restart, RestartPolicyNeverRunsOneInstance) {
  PodRun pod(root_, {write("Never", "echo instance; exit 1")});
  EXPECT_EQ(pod.wait_exit(), 1);
  EXPECT_EQ(pod.out(), "c | instance\n");
}

TEST_F(Restart, OnFailureEndsWithTheFirstSuccess) {
  PodRun pod(root_, {write("OnFailure", "echo instance; [ -e /v/x ] && exit 0; touch /v/x; exit 1")});
  EXPECT_EQ(pod.wait_exit(), 0);
  EXPECT_EQ(pod.out(), "c | instance\nc | instance\n");
}

TEST_F(Restart, AlwaysRestartsASuccessAtOnceAndThenBacksOff) {
  PodRun pod(root_, {write("Always", "echo instance; exit 0")});
  EXPECT_TRUE(pod.wait_for_out("c | instance", 2));
  EXPECT_TRUE(pod.wait_for_err("c: exited with 0; restart 1 now"));
  EXPECT_TRUE(pod.wait_for_err("c: exited with 0; back-off, restart 2 in 10s"));
  // The message may come before the record.
  wait_for_state(root_, "default_pod", [](const auto& record) {
    return record.status.containers[0].state == supervisor::ContainerState::Backoff;
  });

  const Finished table = run(root_, {"ps"});
  EXPECT_EQ(table.status, 0) << table.err;
  EXPECT_TRUE(holds(table.out, "CrashLoopBackOff"));
  const auto list = nlohmann::json::parse(run(root_, {"ps", "-o", "json"}).out);
  const auto& container = list.at("items").at(0).at("status").at("containerStatuses").at(0);
  EXPECT_EQ(container.at("restartCount"), 1);
  EXPECT_EQ(container.at("state").at("waiting").at("reason"), "CrashLoopBackOff");
  EXPECT_EQ(container.at("lastState").at("terminated").at("exitCode"), 0);

  pod.signal(SIGINT);  // it ends although no container runs
  EXPECT_EQ(pod.wait_exit(), 0);
}

TEST_F(Restart, ACrashLoopDoesNotAffectItsNeighbour) {
  PodRun pod(
      root_,
      {root_.write("pod.yaml", manifest("pod", {{"crasher", "exit 1"}, {"neighbour", until_stopped}}, ""))});
  ASSERT_TRUE(pod.wait_for_err("crasher: exited with 1; back-off"));
  const auto state = wait_for_state(root_, "default_pod", [](const auto& record) {
    return record.status.containers[0].state == supervisor::ContainerState::Backoff &&
           record.status.containers[1].state == supervisor::ContainerState::Running;
  });
  EXPECT_EQ(state.status.containers[1].restart_count, 0);
  EXPECT_TRUE(is_active(state.containers[1].pid));
}

TEST_F(Restart, ARestartLeavesNoMountOfThePreviousInstance) {
  PodRun pod(root_, {write("OnFailure",
                           until_stopped_after("[ -e /v/x ] || { touch /v/x; exit 1; }; echo second"))});
  ASSERT_TRUE(pod.wait_for_out("c | second"));
  const Processes processes = processes_of(root_, "default_pod");
  auto mounts = mounts_of(processes.pause);
  // It is unmounted when the next instance runs already.
  for (const Deadline deadline = soon();
       mount_at(mounts, "/c/.c").point != "" && std::chrono::steady_clock::now() < deadline;)
    mounts = mounts_of(processes.pause);
  EXPECT_EQ(std::ranges::count_if(mounts, [](const MountLine& mount) { return mount.point.starts_with("/c/."); }), 0);
  EXPECT_EQ(std::ranges::count(mounts, "/c/c", &MountLine::point), 1);
  EXPECT_EQ(std::ranges::count(mounts, "/c/c/proc", &MountLine::point), 1);
}

}  // namespace
}  // namespace podrun::test

// A supervisor that hangs, because it is stopped or has no memory, is replaced. The pod is not affected.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using supervisor::ContainerState;
using supervisor::PodRecord;

/// A pod with the containers `worker`, which exits with 42 when the test says so, and `neighbour`.
class SupervisorHangs : public testing::Test {
 protected:
  SupervisorHangs() {
    ::mkfifo((root_ / "go").c_str(), 0600);
    const std::string volume = "volumes: [{name: go, hostPath: {path: " + root_ / "go" + "}}]";
    path_ = root_.write("pod.yaml", manifest("pod",
                                             {{"worker", "read word < /go\necho done\nexit 42",
                                               "volumeMounts: [{name: go, mountPath: /go}]"},
                                              {"neighbour", ready_until_stopped}},
                                             "restartPolicy: Never\n" + volume));
  }
  Processes running(PodRun& pod) {
    EXPECT_TRUE(pod.wait_for_err(": started (pid", 2) && pod.wait_for_out("neighbour | ready"));
    return processes_of(root_, "default_pod");
  }
  void expect_everything_right(PodRun& pod, const Processes& before) {
    const PodRecord record = wait_for_state(root_, "default_pod", [](const PodRecord& now) {
      return now.status.containers.at(0).state == ContainerState::Failed;
    });
    EXPECT_EQ(record.status.containers[0].last.value_or(supervisor::Termination{}).exit_code, 42);
    EXPECT_TRUE(pod.wait_for_out("worker    | done"));
    EXPECT_EQ(record.containers[1].pid, before["neighbour"]);
    EXPECT_NE(record.supervisor, before.supervisor);
    pod.signal(SIGTERM);
    EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  }

  TemporaryRoot root_;
  std::string path_;
};

TEST_F(SupervisorHangs, AStoppedSupervisorIsReplacedWhenAContainerEnds) {
  PodRun pod(root_, {path_});
  const Processes before = running(pod);
  const auto supervisor = ns::open_process(before.supervisor);
  ASSERT_TRUE(supervisor && ns::send_signal(*supervisor, SIGSTOP));
  root_.write("go", "go\n");
  // It may take ten seconds to answer, which is all of test_timeout.
  EXPECT_TRUE(pod.wait_for_err("the one before did not answer and was killed", 1, soon() + test_timeout));
  expect_everything_right(pod, before);
}

/// A control group with a memory limit of 0. "" if there is no memory controller.
std::string group_without_memory() {
  const bool is_v1 = fs::exists("/sys/fs/cgroup/memory/memory.limit_in_bytes");
  const std::string group = fmt::format("/sys/fs/cgroup/{}podrun-test-{}", is_v1 ? "memory/" : "", ::getpid());
  if (!is_v1 && !fs::exists("/sys/fs/cgroup/cgroup.controllers")) return "";
  fs::create_directory(group);
  if (std::ofstream(group + (is_v1 ? "/memory.limit_in_bytes" : "/memory.max")) << "0" << std::flush) return group;
  fs::remove(group);
  return "";
}

TEST_F(SupervisorHangs, ASupervisorOutOfMemoryIsReplaced) {
  const std::string group = group_without_memory();
  if (group.empty()) GTEST_SKIP() << "no memory controller";
  PodRun pod(root_, {path_});
  const Processes before = running(pod);
  ASSERT_TRUE(std::ofstream(group + "/cgroup.procs") << before.supervisor << std::flush);
  root_.write("go", "go\n");
  EXPECT_TRUE(pod.wait_for_err("the one before", 1, soon() + test_timeout));
  expect_everything_right(pod, before);
  EXPECT_TRUE(fs::remove(group));
}

}  // namespace
}  // namespace podrun::test

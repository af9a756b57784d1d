// A supervisor that is killed while its pod runs or stops: its containers run on, and no exit and no stop is lost.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include "tests/system/supervision/supervisor_kill.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using supervisor::ContainerState;
using supervisor::PodRecord;

TEST_F(SupervisorKill, KillsLeaveRunningContainersUntouched) {
  PodRun pod(root_, {write({{"a", until_stopped}, {"b", until_stopped}}, "Always")});
  const Processes before = running(pod, 2);
  for (int kill = 0; kill < 3; ++kill) replace_supervisor(pod, before);
  const Processes after = processes_of(root_, "default_pod");
  EXPECT_EQ(after.containers, before.containers);
  EXPECT_NE(after.supervisor, before.supervisor);
  EXPECT_EQ(namespaces_of(after.supervisor), namespaces_of(::getpid()));
  pod.signal(SIGINT);
  EXPECT_EQ(pod.wait_exit(), 0);
}

// A container that starts at that moment mounts them.
TEST_F(SupervisorKill, AKillLeavesThePodsFilesUnchanged) {
  PodRun pod(root_, {write({{"a", until_stopped_after("echo '192.0.2.1 added' >> /etc/hosts\necho done")}}, "Always")});
  ASSERT_TRUE(pod.wait_for_out("done"));
  const Processes processes = running(pod, 1);
  const auto hosts = [&] {
    struct stat status {};
    const std::string uid = state([](const PodRecord&) { return true; }).uid;
    EXPECT_EQ(::stat((root_.layout().storage_of(uid) + "/etc/hosts").c_str(), &status), 0);
    return std::pair{status.st_ino, status.st_size};
  };
  const auto before = hosts();
  replace_supervisor(pod, processes);
  EXPECT_EQ(hosts(), before);
}

TEST_F(SupervisorKill, TheNextSupervisorDoesNotNeedTheImage) {
  const std::string image = root_.make_rootfs("image");
  PodRun pod(root_, {write({{"a", "", "command: [podrun-probe, numbers, '1']", "rootfs:" + image}}, "Always")});
  const Processes processes = running(pod, 1);
  fs::remove_all(image);
  replace_supervisor(pod, processes);
  EXPECT_EQ(processes_of(root_, "default_pod").containers, processes.containers);
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
}

TEST_F(SupervisorKill, AnExitWithoutASupervisorIsNotLost) {
  PodRun pod(root_, {write({{"a", "read word < /go\nexit 42", mounts_go}, {"b", until_stopped}}, "Never")});
  const Processes processes = running(pod, 2);
  const auto supervisor = ns::open_process(processes.supervisor);
  ASSERT_TRUE(supervisor);
  ASSERT_TRUE(ns::send_signal(*supervisor, SIGSTOP));
  root_.write("go", "go\n");
  EXPECT_TRUE(wait_until_dead(processes["a"]));
  ASSERT_TRUE(ns::send_signal(*supervisor, SIGKILL));
  const PodRecord record = state([](const PodRecord& now) { return is_in(now, 0, ContainerState::Failed); });
  ASSERT_TRUE(record.status.containers[0].last);
  EXPECT_EQ(record.status.containers[0].last->exit_code, 42);
  EXPECT_EQ(record.status.containers[0].last->reason, "Error");
  EXPECT_TRUE(is_in(record, 1, ContainerState::Running));
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0);
}

// Both are zombies until their exits are recorded. Each is reaped by its pid.
TEST_F(SupervisorKill, TwoUnseenExitsAreBothRecorded) {
  PodRun pod(root_, {write({{"a", "read word < /go\nexit 41", mounts_go},
                            {"b", "read word < /go\nexit 42", mounts_go},
                            {"c", until_stopped}},
                           "Never")});
  const Processes processes = running(pod, 3);
  const auto supervisor = ns::open_process(processes.supervisor);
  ASSERT_TRUE(supervisor);
  ASSERT_TRUE(ns::send_signal(*supervisor, SIGSTOP));
  // The FIFO is held open, because one of the two may open it after the other has read.
  const Fd words(::open((root_ / "go").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::write(words.get(), "go\ngo\n", 6), 6);
  ASSERT_TRUE(wait_until_dead(processes["a"]) && wait_until_dead(processes["b"]));
  ASSERT_TRUE(ns::send_signal(*supervisor, SIGCONT));
  const PodRecord record = state([](const PodRecord& now) {
    return is_in(now, 0, ContainerState::Failed) && is_in(now, 1, ContainerState::Failed);
  });
  for (const std::size_t container : {0, 1})
    EXPECT_EQ(record.status.containers[container].last.value().exit_code, 41 + static_cast<int>(container));
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0);
}

TEST_F(SupervisorKill, AStopWithoutASupervisorIsHonoured) {
  PodRun pod(root_, {write({{"a", until_stopped}}, "Always")});
  const Processes processes = running(pod, 1);
  // The pause is stopped, so that it cannot start another supervisor.
  pod.signal(SIGSTOP);
  const auto supervisor = ns::open_process(processes.supervisor);
  ASSERT_TRUE(supervisor && ns::send_signal(*supervisor, SIGKILL));
  pod.signal(SIGTERM);
  pod.signal(SIGCONT);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_TRUE(wait_until_dead(processes["a"]));
}

TEST_F(SupervisorKill, AKillDuringAStopDoesNotRestartTheGracePeriod) {
  const HostSnapshot before = snapshot(root_);
  PodRun pod(root_, {write({{"stubborn", "trap '' TERM\necho deaf\nsleep 1000\nsleep 1000"}}, "Always")});
  ASSERT_TRUE(pod.wait_for_out("deaf"));
  const Processes processes = processes_of(root_, "default_pod");
  const auto began = std::chrono::steady_clock::now();
  pod.signal(SIGTERM);
  ASSERT_TRUE(pod.wait_for_err("stopping"));
  replace_supervisor(pod, processes);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  const auto lasted = std::chrono::steady_clock::now() - began;
  EXPECT_GE(lasted, 1900ms);
  EXPECT_LT(lasted, 3900ms) << "the period did not begin anew";
  EXPECT_EQ(changes(before, snapshot(root_)), "");
}

}  // namespace
}  // namespace podrun::test

// A pod dies without a clean-up: its pause is killed, its supervisor with it, or the power is lost. The next start of
// any pod, or `podrun rm`, removes what is left.
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <ranges>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "supervisor/state/state_file.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

void signal_to(pid_t pid, int number) {
  const auto process = ns::open_process(pid);
  ASSERT_TRUE(process && ns::send_signal(*process, number));
}

class Leftovers : public testing::Test {
 protected:
  Leftovers() {
    // If the name of the program begins with busybox, its first argument is the applet.
    const std::string program = image_ + "/bin/busybox-setuid";
    fs::copy_file(image_ + "/bin/busybox", program);
    ::chmod(program.c_str(), 04755);
  }

  /// Starts a pod. Its container `b` executes a set-user-ID program, which clears PDEATHSIG.
  Processes start() {
    const std::string setuid =
        "command: [/bin/busybox-setuid, sleep, '1000']\nsecurityContext: {runAsUser: 1000}\n"
        "volumeMounts: [{name: v, mountPath: /v}]";
    const std::string text = manifest("pod", {{"a", until_stopped}, {"b", "", setuid, "rootfs:" + image_}},
                                      "restartPolicy: Always\nvolumes: [{name: v, emptyDir: {}}]");
    const Finished started = run(root_, {"-d", root_.write("pod.yaml", text)});
    EXPECT_EQ(started.status, 0) << started.err;
    const Processes pod = processes_of(root_, "default_pod");
    // The supervisor learns of the exec a moment before the process has its new name and PDEATHSIG is cleared.
    const Deadline deadline = soon();
    while (comm_of(pod["b"]) != "busybox-setuid")
      if (std::chrono::steady_clock::now() > deadline) return ADD_FAILURE(), pod;
    return pod;
  }
  /// Kills the pause and the supervisor at one instant, so that neither of them, nor a helper, cleans up.
  void kill_both(const Processes& pod) {
    signal_to(pod.pause, SIGSTOP);
    signal_to(pod.supervisor, SIGKILL);
    EXPECT_TRUE(wait_until_dead(pod.supervisor));
    signal_to(pod.pause, SIGKILL);
    for (const pid_t dead : {pod.pause, pod["a"]}) EXPECT_TRUE(wait_until_dead(dead));
    EXPECT_NE(state_of(pod["b"]), 'Z');
    EXPECT_NE(state_of(pod["b"]), '\0') << "nobody has killed it";
  }
  /// Starts and stops a pod, which removes what dead pods left.
  void run_pod(const std::string& name) {
    const std::string path = root_.write(name + ".yaml", manifest(name, {{"c", until_stopped}}));
    EXPECT_EQ(run(root_, {"-d", path}).status, 0);
    EXPECT_EQ(run(root_, {"stop", name, "--grace-period", "0"}).status, 0);
  }

  TemporaryRoot root_;
  std::string image_ = root_.make_rootfs("image");
  HostSnapshot before_ = snapshot(root_);
};

TEST_F(Leftovers, AKilledPausesContainersDieWithin100Milliseconds) {
  auto fastest = 10'000ms;
  for (int attempt = 0; attempt < 3 && fastest > 100ms; ++attempt) {
    const Processes pod = start();
    const auto began = std::chrono::steady_clock::now();
    signal_to(pod.pause, SIGKILL);
    for (const pid_t dead : {pod["a"], pod["b"]}) EXPECT_TRUE(wait_until_dead(dead));
    fastest = std::min(
        fastest, std::chrono::ceil<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began));
    EXPECT_TRUE(wait_until_dead(pod.supervisor));
    EXPECT_EQ(changes(before_, snapshot(root_)), "");
  }
  EXPECT_LE(fastest, 100ms) << "on a busy machine, the best of three";
}

TEST_F(Leftovers, APodCanStartAgainAtOnceAfterItsPauseWasKilled) {
  for (int round = 0; round < 5; ++round) {
    const Processes pod = start();
    signal_to(pod.pause, SIGKILL);
    EXPECT_TRUE(wait_until_dead(pod.pause));
    const Finished next = run(root_, {"-d", root_ / "pod.yaml"});
    EXPECT_EQ(next.status, 0) << next.err;
    EXPECT_EQ(run(root_, {"stop", "pod", "--grace-period", "0"}).status, 0);
    EXPECT_TRUE(wait_until_dead(pod.supervisor));  // it cleans up at the same time as the next start
  }
  EXPECT_EQ(changes(before_, snapshot(root_)), "");
}

TEST_F(Leftovers, TheNextStartRemovesLeftoversOfAKilledPauseAndSupervisor) {
  for (const std::string next : {"pod", "other"}) {
    const Processes pod = start();
    kill_both(pod);
    run_pod(next);
    EXPECT_TRUE(wait_until_dead(pod["b"]));
    EXPECT_EQ(changes(before_, snapshot(root_)), "") << "after the start of " << next;
  }
}

// What is mounted there stands for what cannot be removed.
TEST_F(Leftovers, AStartThatCannotRemoveThemKeepsWhatLeadsToThem) {
  const Processes pod = start();
  kill_both(pod);
  const std::string uid = supervisor::read_state(root_.layout(), "default_pod").value().uid;
  const std::string mount = root_.layout().storage_of(uid) + "/volumes/v";
  ASSERT_EQ(::mount("none", mount.c_str(), "tmpfs", 0, nullptr), 0);
  const Finished failed = run(root_, {"-d", root_ / "pod.yaml"});
  EXPECT_EQ(::umount2(mount.c_str(), MNT_DETACH), 0);
  EXPECT_EQ(failed.status, 3) << failed.err;
  const auto kept = supervisor::read_state(root_.layout(), "default_pod");
  ASSERT_TRUE(kept) << kept.error().message;
  EXPECT_EQ(kept->uid, uid);
  run_pod("pod");
  EXPECT_EQ(changes(before_, snapshot(root_)), "");
}

// The exit codes of its containers are unknown. That they have ended, when, and what was known before, is recorded.
TEST_F(Leftovers, APodWhosePauseWasKilledKeepsALastStatus) {
  const auto expect_told = [&] {
    const auto pods = nlohmann::json::parse(run(root_, {"ps", "-a", "-o", "json"}).out, nullptr, false);
    ASSERT_TRUE(pods.is_object());
    const auto told =
        std::ranges::find(pods.at("items"), "pod", [](const auto& each) { return each.at("metadata").at("name"); });
    ASSERT_NE(told, pods.at("items").end());
    EXPECT_EQ(told->at("status").at("phase"), "Failed");
    for (const auto& container : told->at("status").at("containerStatuses")) {
      const auto& end = container.at("state").at("terminated");
      EXPECT_EQ(end.at("exitCode"), 137);
      EXPECT_EQ(end.at("reason"), "ContainerStatusUnknown");
      EXPECT_GE(end.at("finishedAt"), end.at("startedAt"));
    }
  };
  const Processes pod = start();
  signal_to(pod.pause, SIGKILL);
  EXPECT_TRUE(wait_until_dead(pod.supervisor));
  expect_told();
  EXPECT_EQ(run(root_, {"rm", "pod"}).status, 0);
  kill_both(start());
  run_pod("other");
  expect_told();
}

TEST_F(Leftovers, RmWaitsForARemovalInProgress) {
  kill_both(start());
  const Fd lock(::open(root_.layout().lock("default_pod").c_str(), O_RDWR | O_CLOEXEC));
  ASSERT_EQ(::flock(lock.get(), LOCK_EX | LOCK_NB), 0);
  PodRun rm(root_, {"rm", "pod"});
  const Deadline deadline = soon();
  const auto waits = [&] {
    return std::ranges::count(descriptors_of(rm.pid()) | std::views::values, "anon_inode:inotify") > 0;
  };
  while (!waits()) {
    ASSERT_NE(state_of(rm.pid()), 'Z') << "it did not wait";
    ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  }
  fs::remove(root_.layout().lock("default_pod"));  // as the end of a clean-up does
  EXPECT_EQ(rm.wait_exit(), 0) << rm.err();
  EXPECT_TRUE(fs::is_empty(root_.layout().logs()));
}

TEST_F(Leftovers, RmRemovesLeftoversOfAKilledPauseAndSupervisor) {
  const Processes pod = start();
  kill_both(pod);
  EXPECT_EQ(run(root_, {"rm", "pod"}).status, 0);
  EXPECT_TRUE(wait_until_dead(pod["b"]));
  EXPECT_EQ(changes(before_, snapshot(root_)), "");
}

// Here the helper removes the layer of the first instance, which takes long.
TEST_F(Leftovers, RmRemovesHelpersOfAKilledPauseAndSupervisor) {
  const std::string fill = "if [ -e /v/filled ]; then sleep 1000; fi\ntouch /v/filled\n"
                           "i=0; while [ $i -lt 30000 ]; do : > /tmp/$i; i=$((i + 1)); done\nexit 1";
  const std::string text = manifest("pod", {{"a", fill, "volumeMounts: [{name: v, mountPath: /v}]"}},
                                    "restartPolicy: Always\nvolumes: [{name: v, emptyDir: {}}]");
  ASSERT_EQ(run(root_, {"-d", root_.write("pod.yaml", text)}).status, 0);
  const auto restarted = [](const supervisor::PodRecord& now) {
    return now.status.containers[0].instance == 1 &&
           now.status.containers[0].state == supervisor::ContainerState::Running;
  };
  // A slow disk takes long to make so many files.
  const auto later = soon() + std::chrono::seconds(60);
  const supervisor::PodRecord pod = wait_for_state(root_, "default_pod", restarted, later);
  const std::vector<pid_t> helpers = children_of(pod.supervisor);
  ASSERT_FALSE(helpers.empty());
  for (const pid_t helper : helpers) signal_to(helper, SIGSTOP);
  signal_to(pod.pause, SIGSTOP);
  signal_to(pod.supervisor, SIGKILL);
  signal_to(pod.pause, SIGKILL);
  EXPECT_TRUE(wait_until_dead(pod.pause));
  EXPECT_EQ(run(root_, {"rm", "pod"}).status, 0);
  EXPECT_EQ(changes(before_, snapshot(root_)), "");
}

// A power loss ends all processes at once, and /run is empty after the boot.
TEST_F(Leftovers, TheNextStartRemovesLeftoversOfAPowerLoss) {
  for (const std::string next : {"pod", "other"}) {
    const Processes pod = start();
    kill_both(pod);
    end_all_descendants();
    fs::remove_all(root_.layout().run());
    EXPECT_FALSE(fs::is_empty(root_.layout().storage()));
    run_pod(next);
    EXPECT_EQ(changes(before_, snapshot(root_)), "") << "after the start of " << next;
  }
}

// /run is empty, and the control groups are gone.
TEST_F(Leftovers, LeftoversOfAPowerLossAreNoRunningPod) {
  kill_both(start());
  end_all_descendants();
  fs::remove_all(root_.layout().run());
  EXPECT_FALSE(holds(run(root_, {"ps"}).out, "pod"));
  EXPECT_EQ(run(root_, {"stop", "pod"}).status, 4);
  EXPECT_EQ(run(root_, {"rm", "pod"}).status, 0);
}

// The state file may be unreadable, because a later version wrote it or because it is damaged.
TEST_F(Leftovers, RmLeftoversKeepsTheVolumesOfARunningPod) {
  const Processes pod = start();
  const std::string state = root_.layout().state("default_pod"), lock = root_.layout().lock("default_pod");
  const fs::path volume = fs::directory_iterator(root_.layout().storage())->path() / "volumes/v";
  const std::string text = contents_of(state);
  for (const bool signed_lock : {true, false}) {
    root_.write("run/podrun/default_pod/state.json", "{}");
    if (!signed_lock) fs::resize_file(lock, 5);  // an incomplete line
    const Finished removed = run(root_, {"rm", "--leftovers"});
    EXPECT_EQ(holds(removed.err, "pod pod runs, but its uid cannot be read"), !signed_lock) << removed.err;
    EXPECT_TRUE(fs::exists(volume)) << signed_lock;
  }
  root_.write("run/podrun/default_pod/state.json", text);
  EXPECT_EQ(run(root_, {"stop", "pod", "--grace-period", "0"}).status, 0);
  EXPECT_TRUE(wait_until_dead(pod.pause));
  EXPECT_EQ(changes(before_, snapshot(root_)), "");
}

}  // namespace
}  // namespace podrun::test

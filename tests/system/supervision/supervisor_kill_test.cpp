// The supervisor is disposable: killed while it starts a pod, while the pod runs, while a container waits in
// back-off, it is followed by one that knows and continues everything.
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "supervisor/core/clock.hpp"
#include "tests/system/support/supervisor_killer.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using supervisor::ContainerState;
using supervisor::PodRecord;

const std::string go = "volumeMounts: [{name: go, mountPath: /go}]";

class SupervisorKill : public testing::Test {
 protected:
  /// A manifest whose containers may have the FIFO /go.
  std::string write(const std::vector<ContainerText>& containers, const std::string& policy) {
    ::mkfifo((root_ / "go").c_str(), 0600);
    return root_.write(
        "pod.yaml",
        manifest("pod", containers,
                 "restartPolicy: " + policy +
                     "\nterminationGracePeriodSeconds: 2\nvolumes: [{name: go, hostPath: {path: " +
                     root_ / "go" + "}}]"));
  }
  PodRecord state(const std::function<bool(const PodRecord&)>& wanted) {
    return wait_for_state(root_, "default_pod", wanted);
  }
  /// The pod's processes, once its COUNT containers run.
  Processes running(PodRun& pod, int count) {
    EXPECT_TRUE(pod.wait_for_err(": started (pid", count));
    return processes_of(root_, "default_pod");
  }
  /// The content of a container's log files, oldest first, each without its time stamps.
  std::vector<std::string> logs_of(const std::string& container) const {
    std::vector<std::string> logs;
    for (const auto& run : fs::directory_iterator(root_.layout().logs()))
      for (int instance = 0; fs::exists(run.path() / container / fmt::format("{}.log", instance));
           ++instance) {
        std::string& log = logs.emplace_back();
        for (const std::string& line :
             lines_of(contents_of(run.path() / container / fmt::format("{}.log", instance))))
          log += line.substr(line.find(' ') + 1) + "\n";
      }
    return logs;
  }
  /// Kills the supervisor and waits until the next has adopted.
  void replace_supervisor(PodRun& pod, const Processes& processes) {
    const auto supervisor = ns::open_process(SupervisorKiller(processes.pause).supervisor());
    ASSERT_TRUE(supervisor);
    ASSERT_TRUE(ns::send_signal(*supervisor, SIGKILL));
    ASSERT_TRUE(pod.wait_for_err("took over", ++replaced_));
  }

  TemporaryRoot root_;

 private:
  int replaced_ = 0;
};

int occurrences(const std::string& text, const std::string& words) {
  int found = 0;
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++found;
  return found;
}

bool is_in(const PodRecord& record, std::size_t container, ContainerState state) {
  return record.status.containers.at(container).state == state;
}

// ---- while it starts a pod ----

// The first is killed as soon as there is one, each later one a little later in its life.
TEST_F(SupervisorKill, KillsDuringAStartStartEachContainerOnce) {
  std::vector<ContainerText> containers;
  for (int number = 0; number < 8; ++number)
    containers.push_back({fmt::format("c{}", number), until_stopped_after("echo up")});
  const std::string path = write(containers, "Always");
  for (const auto step : {0us, 1500us, 4000us}) {
    PodRun pod(root_, {path});
    SupervisorKiller hunt(pod.pid());
    for (int kill = 0; kill < 3; ++kill) ASSERT_TRUE(hunt.kill_next(kill * step));
    const auto processes = running(pod, static_cast<int>(containers.size()));
    for (const auto& [name, pid] : processes.containers) {
      EXPECT_EQ(parent_of(pid), pod.pid());
      ASSERT_TRUE(pod.wait_for_out(name + " | up\n"));
    }
    const PodRecord record = state([](const PodRecord&) { return true; });
    for (const auto& container : record.status.containers) EXPECT_EQ(container.instance, 0);
    EXPECT_EQ(hunt.containers().size(), containers.size());
    pod.signal(SIGTERM);
    EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
    for (const ContainerText& container : containers)
      EXPECT_EQ(logs_of(container.name), std::vector<std::string>{"stdout F up\n"}) << container.name;
    fs::remove_all(root_.layout().logs());
  }
}

TEST_F(SupervisorKill, AKillDuringADetachedStartIsNotNoticed) {
  const std::string path = write({{"a", until_stopped}, {"b", until_stopped}}, "Always");
  PodRun caller(root_, {"-d", path});
  // The pause is the caller's child, once it is there.
  pid_t pause = 0;
  for (const Deadline deadline = soon(); pause == 0 && std::chrono::steady_clock::now() < deadline;)
    for (const pid_t child : descendants_of(caller.pid()))
      if (comm_of(child) == "podrun-pause") pause = child;
  ASSERT_NE(pause, 0);
  SupervisorKiller hunt(pause);
  ASSERT_TRUE(hunt.kill_next(3ms));
  EXPECT_EQ(caller.wait_exit(), 0) << caller.err();
  EXPECT_EQ(caller.out(), "pod\n");
}

// ---- while the pod runs ----

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

// A container that starts at that moment is about to mount them.
TEST_F(SupervisorKill, AKillLeavesThePodsFilesUnchanged) {
  PodRun pod(root_,
             {write({{"a", until_stopped_after("echo '192.0.2.1 added' >> /etc/hosts\necho done")}}, "Always")});
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
  PodRun pod(root_, {write({{"a", "read word < /go\nexit 42", go}, {"b", until_stopped}}, "Never")});
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

// Zombies that are kept: each is reaped by its own pid.
TEST_F(SupervisorKill, TwoUnseenExitsAreBothRecorded) {
  PodRun pod(root_, {write({{"a", "read word < /go\nexit 41", go}, {"b", "read word < /go\nexit 42", go},
                            {"c", until_stopped}},
                           "Never")});
  const Processes processes = running(pod, 3);
  const auto supervisor = ns::open_process(processes.supervisor);
  ASSERT_TRUE(supervisor);
  ASSERT_TRUE(ns::send_signal(*supervisor, SIGSTOP));
  // Held open, for one of the two may come to read when the other has done so.
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
  // The pause stands still meanwhile, so that it can start none.
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

// ---- while a container waits in back-off; and its neighbour's output goes on ----

TEST_F(SupervisorKill, KillsDuringABackoffKeepItsDeadlineAndLoseNoLine) {
  constexpr int lines = 150'000;
  const std::string numbers = fmt::format("command: [podrun-probe, numbers, '{}']", lines);
  PodRun pod(root_, {"run", write({{"crasher", "echo instance; exit 1"},
                                   {"talker", "", numbers, "rootfs:" + root_.make_rootfs("image")}},
                                  "Always")});
  ASSERT_TRUE(pod.wait_for_err("crasher: exited with 1; back-off"));
  const PodRecord before = state([](const PodRecord& now) {
    return is_in(now, 0, ContainerState::Backoff) && now.status.containers[0].restart_count == 1;
  });
  ASSERT_TRUE(before.status.containers[0].deadline);
  const supervisor::BootTime deadline = *before.status.containers[0].deadline;

  // All through the ten seconds: one while it begins, one at some instant of its work.
  SupervisorKiller hunt(pod.pid());
  for (auto after = 7us; supervisor::boot_now() < deadline - 500ms; after = after * 7 % 10'007us) {
    ASSERT_TRUE(hunt.kill_next(after));
    ASSERT_TRUE(pod.wait_for_err("took over", occurrences(pod.err(), "took over") + 1));
    ASSERT_TRUE(hunt.kill_next(after));
  }
  EXPECT_GT(hunt.kills(), 400s / test_timeout) << "fewer where everything takes longer";

  const PodRecord third =
      state([](const PodRecord& now) { return now.status.containers[0].restart_count == 2; });
  EXPECT_GE(supervisor::boot_now(), deadline);
  EXPECT_LT(supervisor::boot_now(), deadline + test_timeout / 5);
  EXPECT_EQ(third.status.containers[1].instance, 0);
  EXPECT_EQ(third.containers[1].pid, before.containers[1].pid);

  ASSERT_TRUE(pod.wait_for_out("talker  | end\n"));
  pod.signal(SIGKILL);
  int next = 0;
  for (const std::string& line : lines_of(logs_of("talker").at(0)))
    if (next < lines && line == fmt::format("stdout F {}", next))
      ++next;
    else
      EXPECT_TRUE(next == lines && line == "stdout F end") << line << " in place of " << next;
  EXPECT_EQ(next, lines);
  EXPECT_EQ(logs_of("crasher").size(), 3U);
}

// ---- and when the pause itself is killed ----

TEST_F(SupervisorKill, EveryProcessOfAPodDiesWithItsPause) {
  const HostSnapshot before = snapshot(root_);
  const std::string path =
      write({{"a", until_stopped},
             // Another user's process has lost the signal that would follow its parent's death.
             {"b", "echo changing; exec su www -s /bin/sh -c 'echo changed; sleep 1000'"}},
            "Always");
  PodRun pod(root_, {path});
  ASSERT_TRUE(pod.wait_for_out("b | changed"));
  const Processes processes = processes_of(root_, "default_pod");
  pod.signal(SIGKILL);
  EXPECT_EQ(pod.wait_exit(), 128 + SIGKILL);
  for (const pid_t pid : {processes["a"], processes["b"], processes.supervisor})
    EXPECT_TRUE(wait_until_dead(pid));
  EXPECT_EQ(changes(before, snapshot(root_)), "") << "the supervisor cleaned up";
  EXPECT_EQ(run(root_, {"-d", path}).status, 0) << "the name is free";
  EXPECT_EQ(run(root_, {"stop", "pod", "--grace-period", "0"}).status, 0);
}

}  // namespace
}  // namespace podrun::test

// Supervisors are killed at random instants while containers log as fast as they can, one exits and one is in a crash
// loop. No line and no exit is lost or doubled, and no restart is late.
#include <fcntl.h>
#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <list>
#include <random>
#include <thread>

#include <fmt/format.h>

#include "supervisor/core/clock.hpp"
#include "tests/system/support/numbered_log.hpp"
#include "tests/system/support/supervisor_killer.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

using namespace std::chrono_literals;
using supervisor::BootTime;
using supervisor::ContainerState;
using supervisor::ContainerStatus;
using supervisor::PodRecord;

constexpr int floods = 3;
constexpr std::size_t exiting = floods, crashing = floods + 1;

// The longest time between the instant at which a restart is due and the restart by a new supervisor. With the
// sanitizers it is longer, like test_timeout.
constexpr auto start_of_a_supervisor = test_timeout / 2;
// A supervisor is killed within this time after it was seen, or, so that it does some work too, after it has adopted.
constexpr std::chrono::microseconds shortest_life = std::chrono::microseconds(test_timeout) / 500;
constexpr std::chrono::microseconds longest_life = std::chrono::microseconds(test_timeout) / 100;

class Flood : public testing::Test {
 protected:
  void start() {
    ::mkfifo((root_ / "go").c_str(), 0600);
    ::mkdir((root_ / "v").c_str(), 0700);
    const std::string image = "rootfs:" + root_.make_rootfs("image");
    const std::string volumes = "volumeMounts: [{name: v, mountPath: /v}, {name: go, mountPath: /go}]";
    std::vector<ContainerText> containers;
    for (int i = 0; i < floods; ++i) {
      permits_.emplace_back(fmt::format("{}{}", root_ / "v/permits", i));
      containers.push_back(
          {fmt::format("flood{}", i), "",
           fmt::format("command: [podrun-probe, flood, /v/stop, '-1', /v/permits{}]\n{}", i, volumes), image});
    }
    containers.push_back(
        {"exits", "[ -e /v/x ] && exec sleep 1000; touch /v/x; read word < /go; exit 42", volumes});
    containers.push_back({"crashes", "exit 1"});
    const std::string path = root_.write(
        "pod.yaml",
        manifest("pod", containers,
                 fmt::format("restartPolicy: Always\nvolumes: [{{name: v, hostPath: {{path: {}}}}}, "
                             "{{name: go, hostPath: {{path: {}}}}}]",
                             root_ / "v", root_ / "go")));
    const Finished started = run(root_, {"-d", path});
    ASSERT_EQ(started.status, 0) << started.err;
    for (int i = 0; i < floods; ++i)
      logs_.emplace_back(fmt::format("{}/flood{}", root_.layout().logs_of("default_pod", state().uid), i));
    reader_ = std::thread([this] { read_logs(); });
  }
  ~Flood() override {
    over_ = true;
    if (reader_.joinable()) reader_.join();
  }

  PodRecord state(const std::function<bool(const PodRecord&)>& wanted = [](const PodRecord&) {
    return true;
  }) {
    return wait_for_state(root_, "default_pod", wanted);
  }
  ContainerStatus crashing_once_more(int restarts) {
    return state([&](const PodRecord& now) {
             const ContainerStatus& status = now.status.containers[crashing];
             return status.restart_count >= restarts && status.state == ContainerState::Backoff;
           })
        .status.containers[crashing];
  }

  /// Waits until the present supervisor has adopted the pod.
  void wait_until_adopted(const SupervisorKiller& killer) {
    const Deadline deadline = soon();
    const std::string words = root_.layout().logs_of("default_pod", state().uid) + "/podrun.log";
    const Fd changes(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
    ::inotify_add_watch(changes.get(), words.c_str(), IN_MODIFY);
    while (!holds(contents_of(words), fmt::format("supervisor {} took over", killer.supervisor()))) {
      pollfd changed{changes.get(), POLLIN, 0};
      if (::poll(&changed, 1, milliseconds_left(deadline)) <= 0)
        return ADD_FAILURE() << "nobody has taken over";
      char events[4096];
      while (::read(changes.get(), events, sizeof events) > 0) continue;
    }
  }

  void read_logs() {
    while (!over_) {
      bool any = false;
      auto permits = permits_.begin();
      for (NumberedLog& log : logs_) {
        any |= log.look();
        (permits++)->permit_after(log.newest_begins_at());
      }
      if (!any && std::ranges::all_of(logs_, &NumberedLog::ended)) return;
      if (!any) std::this_thread::yield();
    }
  }

  /// Kills supervisors at random instants and checks the pod. Returns the former status of the container in the crash
  /// loop.
  ContainerStatus kill_supervisors(int kills) {
    const PodRecord before = state();
    const ContainerStatus crashed = crashing_once_more(1);
    std::minstd_rand random(20);
    SupervisorKiller killer(before.pause);
    while (killer.kills() < kills) {
      // The pause delays the successor of a supervisor that has not adopted, so every second one is allowed to adopt.
      const bool adopts = killer.kills() % 2 == 1;
      if (adopts) wait_until_adopted(killer);
      const auto life = (adopts ? longest_life : shortest_life).count();
      if (!killer.kill_next(std::chrono::microseconds(random() % life))) ADD_FAILURE() << "no supervisor";
      if (killer.kills() == kills / 2) root_.write("go", "go\n");
    }
    const PodRecord after = state([](const PodRecord& now) {
      return now.status.containers[exiting].restart_count == 1 &&
             now.status.containers[exiting].state == ContainerState::Running;
    });
    for (int i = 0; i < floods; ++i) {
      EXPECT_EQ(after.containers[i].pid, before.containers[i].pid);
      EXPECT_EQ(after.status.containers[i].instance, 0);
    }
    EXPECT_EQ(after.status.containers[exiting].last->exit_code, 42);
    return crashed;
  }

  /// When the restart of a container that has ended is due.
  static std::optional<BootTime> due_of(const ContainerStatus& status) {
    return status.timers[supervisor::TimerName::Backoff].due;
  }

  /// Expects that the restart that was due in CRASHED came in time, likewise those after it, and that the next one is
  /// due after the right delay.
  void expect_in_time(const ContainerStatus& crashed) {
    const ContainerStatus again = crashing_once_more(2);
    ASSERT_TRUE(due_of(crashed) && due_of(again) && again.last);
    BootTime due = *due_of(crashed), latest = due + start_of_a_supervisor, delay = 20s;
    for (int restart = 2; restart < again.restart_count; ++restart, delay *= 2) {
      due += delay;
      latest += delay + start_of_a_supervisor;
    }
    EXPECT_EQ(again.last->exit_code, 1);
    EXPECT_GE(again.last->started, due);
    EXPECT_LT(again.last->started, latest);
    EXPECT_EQ(*due_of(again) - again.last->finished, delay);
  }

  /// Ends the containers and expects each line once and in order.
  void stop_and_count(std::size_t least_files) {
    root_.write("v/stop", "");
    reader_.join();
    for (const NumberedLog& log : logs_) {
      EXPECT_EQ(log.fault(), "");
      EXPECT_GE(log.files(), least_files);
      std::cout << log.lines() << " lines in " << log.files() << " files\n";
    }
    EXPECT_EQ(run(root_, {"stop", "--grace-period", "0", "pod"}).status, 0);
  }

  TemporaryRoot root_;

 private:
  std::list<FloodPermits> permits_;
  std::list<NumberedLog> logs_;
  std::atomic<bool> over_ = false;
  std::thread reader_;
};

TEST_F(Flood, FifteenKilledSupervisorsLoseNoLine) {
  ASSERT_NO_FATAL_FAILURE(start());
  const ContainerStatus crashed = kill_supervisors(15);
  const ContainerStatus again = crashing_once_more(1);
  if (again.restart_count == crashed.restart_count)
    EXPECT_EQ(due_of(again), due_of(crashed));
  else
    expect_in_time(crashed);
  stop_and_count(1);
}

using FloodUnderKill = Flood;

TEST_F(FloodUnderKill, TwoHundredKilledSupervisorsLoseNoLine) {
  ASSERT_NO_FATAL_FAILURE(start());
  expect_in_time(kill_supervisors(200));
  stop_and_count(3);
}

}  // namespace
}  // namespace podrun::test

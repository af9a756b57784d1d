// The supervisor is disposable: one that is killed during a start or a back-off is followed by one that goes on with
// everything.
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include <fmt/format.h>

#include "supervisor/core/clock.hpp"
#include "tests/system/supervision/supervisor_kill.hpp"
#include "tests/system/support/supervisor_killer.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using supervisor::ContainerState;
using supervisor::PodRecord;

int occurrences(const std::string& text, const std::string& words) {
  int found = 0;
  for (auto at = text.find(words); at != std::string::npos; at = text.find(words, at + 1)) ++found;
  return found;
}

// ---- during a start ----

// The first supervisor is killed as soon as there is one, each later one a little later in its life.
TEST_F(SupervisorKill, KillsDuringAStartStartEachContainerOnce) {
  std::vector<ContainerText> containers;
  for (int number = 0; number < 8; ++number)
    containers.push_back({fmt::format("c{}", number), until_stopped_after("echo up")});
  const std::string path = write(containers, "Always");
  for (const auto step : {0us, 1500us, 4000us}) {
    PodRun pod(root_, {path});
    SupervisorKiller killer(pod.pid());
    for (int kill = 0; kill < 3; ++kill) ASSERT_TRUE(killer.kill_next(kill * step));
    const auto processes = running(pod, static_cast<int>(containers.size()));
    for (const auto& [name, pid] : processes.containers) {
      EXPECT_EQ(parent_of(pid), pod.pid());
      ASSERT_TRUE(pod.wait_for_out(name + " | up\n"));
    }
    const PodRecord record = state([](const PodRecord&) { return true; });
    for (const auto& container : record.status.containers) EXPECT_EQ(container.instance, 0);
    EXPECT_EQ(killer.containers().size(), containers.size());
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
  // The pause is a child of the caller.
  pid_t pause = 0;
  for (const Deadline deadline = soon(); pause == 0 && std::chrono::steady_clock::now() < deadline;)
    for (const pid_t child : descendants_of(caller.pid()))
      if (comm_of(child) == "podrun-pause") pause = child;
  ASSERT_NE(pause, 0);
  SupervisorKiller killer(pause);
  ASSERT_TRUE(killer.kill_next(3ms));
  EXPECT_EQ(caller.wait_exit(), 0) << caller.err();
  EXPECT_EQ(caller.out(), "pod\n");
}

// ---- in back-off, and a neighbour prints meanwhile ----

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
  const supervisor::Timer& backoff = before.status.containers[0].timers[supervisor::TimerName::Backoff];
  ASSERT_TRUE(backoff.due);
  const supervisor::BootTime deadline = *backoff.due;

  // During the ten seconds, one supervisor is killed while it starts, and the next one at some instant after its
  // adoption.
  SupervisorKiller killer(pod.pid());
  for (auto after = 7us; supervisor::boot_now() < deadline - 500ms; after = after * 7 % 10'007us) {
    ASSERT_TRUE(killer.kill_next(after));
    ASSERT_TRUE(pod.wait_for_err("took over", occurrences(pod.err(), "took over") + 1));
    ASSERT_TRUE(killer.kill_next(after));
  }
  EXPECT_GT(killer.kills(), 400s / test_timeout) << "fewer where everything takes longer";

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

// ---- the pause is killed ----

TEST_F(SupervisorKill, EveryProcessOfAPodDiesWithItsPause) {
  const HostSnapshot before = snapshot(root_);
  const std::string path = write({{"a", until_stopped},
                                  // The change of ids clears PDEATHSIG.
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

// What `podrun stop` says while it waits.
#include "supervisor/state/stop_wait.hpp"

#include <gtest/gtest.h>

namespace podrun::supervisor {
namespace {

using std::chrono::seconds;

const BootTime now{seconds(100)};

PodRecord pod_of(std::vector<ContainerStatus> statuses) {
  PodRecord record{.id = "default_web", .name = "web"};
  for (std::size_t index = 0; index < statuses.size(); ++index)
    record.containers.push_back({.name = std::string(1, static_cast<char>('a' + static_cast<int>(index)))});
  record.status.containers = std::move(statuses);
  return record;
}

TEST(StopProgress, EachContainerThatIsNotGoneIsNamedWithItsDeadline) {
  ContainerStatus stopping{.state = ContainerState::Stopping};
  stopping.timers[TimerName::Grace].due = now + seconds(18);
  const PodRecord record = pod_of({stopping,
                                   {.state = ContainerState::Completed},
                                   {.state = ContainerState::Killing},
                                   {.state = ContainerState::Backoff}});
  EXPECT_EQ(stop_progress(record, now, now - seconds(12)),
            "waiting for a (TERM sent 12s ago, KILL in 18s), c (killed, and not gone yet)");
  EXPECT_EQ(stop_progress(record, now, {}), "waiting for a (TERM sent, KILL in 18s), c (killed, and not gone yet)");
}

TEST(StopProgress, AContainerThatHasNotGotTermNamesWhatItWaitsFor) {
  ContainerStatus hook{.state = ContainerState::Stopping};
  hook.pre_stop = HookStage::Running;
  hook.timers[TimerName::Grace].due = now + seconds(18);
  ContainerStatus sidecar{.state = ContainerState::Stopping};
  sidecar.awaits_turn = true;
  EXPECT_EQ(stop_progress(pod_of({hook, sidecar}), now, now - seconds(2)),
            "waiting for a (its preStop hook runs, TERM in at most 18s), b (ends after the containers that it serves)");
}

TEST(StopProgress, ASignalThatHadToWaitIsNotSaidToBeAsOldAsTheStop) {
  ContainerStatus after_hook{.state = ContainerState::Stopping}, sidecar{.state = ContainerState::Stopping};
  after_hook.pre_stop = HookStage::Succeeded;
  PodRecord record = pod_of({after_hook, sidecar});
  record.containers[1].role = pod::ContainerRole::Sidecar;
  EXPECT_EQ(stop_progress(record, now, now - seconds(12)), "waiting for a (TERM sent), b (TERM sent)");
}

TEST(StopProgress, AfterTheContainersTheirRemainsAreWaitedFor) {
  EXPECT_EQ(stop_progress(pod_of({{.state = ContainerState::Failed}}), now, now),
            "waiting for the removal of what the pod has left");
}

}  // namespace
}  // namespace podrun::supervisor

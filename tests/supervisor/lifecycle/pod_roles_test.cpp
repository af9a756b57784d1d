// Init containers and sidecars: what starts when, and what ends when, as the kubelet has it.
#include <gtest/gtest.h>

#include <utility>

#include "supervisor/lifecycle/pod_lifecycle.hpp"
#include "tests/supervisor/lifecycle/lifecycle_words.hpp"

namespace podrun::supervisor {
namespace {

using pod::RestartPolicy;

/// A pod whose containers have these roles; one that is to end restarts on failure.
struct Pod {
  LifecycleSpec spec;
  PodStatus status;
  BootTime now = 1h;

  explicit Pod(const std::vector<ContainerRole>& roles, RestartPolicy app = RestartPolicy::Never) {
    for (const ContainerRole role : roles) {
      const RestartPolicy policy = role == ContainerRole::Sidecar ? RestartPolicy::Always
                                   : role == ContainerRole::Init  ? RestartPolicy::OnFailure
                                                                  : app;
      spec.containers.push_back({.role = role, .policy = {.restart = policy}});
    }
    status.containers.resize(roles.size());
  }
  std::string on(const PodEvent& event) {
    PodTransition made = step(spec, status, event, now);
    EXPECT_NE(made.cell, TableCell::CannotHappen);
    status = std::move(made.next);
    for (const PodAction& each : made.actions) note_done(status, each);
    return words(made.actions);
  }
  std::string of(std::size_t index, const Event& event) { return on(event::OfContainer{index, event}); }
  std::string fire(std::size_t index, TimerName name) {
    const Timer& timer = status.containers[index].timers[name];
    now = std::max(now, timer.due.value_or(now));
    return of(index, event::Timer{name, timer.generation});
  }
};

TEST(PodRoles, InitContainersRunOneAfterTheOtherBeforeTheApps) {
  Pod pod({ContainerRole::Init, ContainerRole::Init, ContainerRole::App, ContainerRole::App});
  EXPECT_EQ(pod.on(event::PodStart{}), "0 Launch 0");
  EXPECT_EQ(pod.of(0, event::ExecOk{}), "0 Record");
  EXPECT_EQ(waiting_reason(pod.spec, pod.status, 1, pod.now), WaitingReason::Init);
  EXPECT_EQ(pod.of(0, event::Exited{0}), "0 Record, 0 Reap, 1 Launch 0");
  pod.of(1, event::ExecOk{});
  EXPECT_EQ(pod.of(1, event::Exited{0}), "1 Record, 1 Reap, 2 Launch 0, 3 Launch 0");
}

TEST(PodRoles, AnInitContainerThatFailsIsRestartedAndHoldsUpTheApps) {
  Pod pod({ContainerRole::Init, ContainerRole::App});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  EXPECT_EQ(pod.of(0, event::Exited{1}), "0 Record, 0 Reap, 0 Launch 1, Started")
      << "its first attempt has failed";
  pod.of(0, event::ExecOk{});
  EXPECT_EQ(pod.of(0, event::Exited{1}), "0 Record, 0 Reap, 0 Arm Backoff");
  EXPECT_EQ(pod.fire(0, TimerName::Backoff), "0 Launch 2");
}

TEST(PodRoles, AnInitContainerThatFailsForGoodFailsThePod) {
  Pod pod({ContainerRole::Sidecar, ContainerRole::Init, ContainerRole::App});
  pod.spec.containers[1].policy.restart = RestartPolicy::Never;
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.of(1, event::ExecOk{});
  EXPECT_EQ(pod.of(1, event::Exited{1}), "1 Record, 1 Reap, 0 Arm Grace, 0 Terminate, 0 Record, Started");
  EXPECT_EQ(pod.of(0, event::Exited{0}), "0 Record, 0 Reap, Finish 1");
}

TEST(PodRoles, ASidecarIsStartedBeforeTheNextContainerBegins) {
  Pod pod({ContainerRole::Sidecar, ContainerRole::Init, ContainerRole::App});
  EXPECT_EQ(pod.on(event::PodStart{}), "0 Launch 0");
  EXPECT_EQ(pod.of(0, event::ExecOk{}), "0 Record, 1 Launch 0");
  pod.of(1, event::ExecOk{});
  EXPECT_EQ(pod.of(1, event::Exited{0}), "1 Record, 1 Reap, 2 Launch 0");
}

TEST(PodRoles, ASidecarInBackoffHoldsUpNoRestart) {
  Pod pod({ContainerRole::Sidecar, ContainerRole::App}, RestartPolicy::Always);
  pod.on(event::PodStart{});
  for (int exits = 0; exits < 2; ++exits) {
    pod.of(0, event::ExecOk{});
    pod.of(0, event::Exited{1});
  }
  pod.of(1, event::ExecOk{});
  EXPECT_EQ(pod.of(1, event::Exited{1}), "1 Record, 1 Reap, 1 Launch 1");
}

TEST(PodRoles, SidecarsEndInReverseOrderWhenTheAppsHaveEnded) {
  Pod pod({ContainerRole::Sidecar, ContainerRole::Sidecar, ContainerRole::App});
  pod.on(event::PodStart{});
  for (std::size_t i = 0; i < 3; ++i) pod.of(i, event::ExecOk{});
  EXPECT_EQ(pod.of(2, event::Exited{0}), "2 Record, 2 Reap, 0 Arm Grace, 1 Terminate, 1 Record, 1 Arm Grace");
  EXPECT_EQ(pod.of(1, event::Exited{143}), "1 Record, 1 Reap, 0 Terminate, 0 Record");
  EXPECT_EQ(pod.of(0, event::Exited{143}), "0 Record, 0 Reap, Finish 0") << "how sidecars end does not count";
}

TEST(PodRoles, AStopAsksTheAppsFirstAndTheSidecarsWhenTheGracePeriodIsOver) {
  Pod pod({ContainerRole::Sidecar, ContainerRole::App});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.of(1, event::ExecOk{});
  EXPECT_EQ(pod.on(event::PodStop{}), "0 Record, 0 Arm Grace, 1 Terminate, 1 Record, 1 Arm Grace");
  EXPECT_EQ(pod.fire(1, TimerName::Grace), "1 Record, 1 Kill, 0 Terminate, 0 Record, 0 Arm Grace");
  EXPECT_EQ(pod.status.containers[0].timers[TimerName::Grace].due, pod.now + minimum_grace);
  pod.of(1, event::Exited{137});
  EXPECT_EQ(pod.of(0, event::Exited{0}), "0 Record, 0 Reap, Finish 0");
}

TEST(PodRoles, ASecondStopKillsSidecarsToo) {
  Pod pod({ContainerRole::Sidecar, ContainerRole::App});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.of(1, event::ExecOk{});
  pod.on(event::PodStop{});
  EXPECT_EQ(pod.on(event::PodStop{}), "0 Record, 0 Kill, 1 Kill");
}

TEST(PodRoles, ASidecarThatExitsWhileThePodStopsIsNotRestarted) {
  Pod pod({ContainerRole::Sidecar, ContainerRole::App});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.of(1, event::ExecOk{});
  pod.on(event::PodStop{});
  EXPECT_EQ(pod.of(0, event::Exited{1}), "0 Record, 0 Reap");
  EXPECT_EQ(pod.status.containers[0].state, ContainerState::Failed);
}

}  // namespace
}  // namespace podrun::supervisor

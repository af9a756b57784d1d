// `podrun ps`: pods in the columns of kubectl.
#include <gtest/gtest.h>

#include <utility>

#include "supervisor/show/pod_table.hpp"

namespace podrun::supervisor {
namespace {

using namespace std::chrono_literals;

constexpr WallTime now(1795502314s);

ContainerView running(int restarts = 0) {
  ContainerView view{.name = "app", .ready = true, .restart_count = restarts, .state = RunningView{now - 1h}};
  if (restarts > 0)
    view.last_state = TerminatedView{.exit_code = 1, .reason = "Error", .finished = now - 12s};
  return view;
}

ContainerView waiting(std::string reason, int restarts = 0) {
  ContainerView view = running(restarts);
  view.ready = false;
  view.state = WaitingView{.reason = std::move(reason)};
  return view;
}

ContainerView terminated(std::string reason, int exit_code = 0) {
  return {.name = "app", .state = TerminatedView{.exit_code = exit_code, .reason = std::move(reason)}};
}

PodView pod(std::vector<ContainerView> containers, std::string phase = "Running") {
  PodView view{.name = "web", .namespace_name = "default", .phase = std::move(phase)};
  view.created = now - 192s;
  view.containers = std::move(containers);
  return view;
}

TEST(Ps, ShowsKubectlsColumns) {
  EXPECT_EQ(pod_table({pod({running(), running(2)})}, now),
            "NAME   READY   STATUS    RESTARTS      AGE\n"
            "web    2/2     Running   2 (12s ago)   3m12s\n");
}

ContainerView as(pod::ContainerRole role, ContainerView view) {
  view.role = role;
  return view;
}

/// printPod() of kubectl.
TEST(Ps, InitContainersAreShownUntilTheyHaveDoneTheirWork) {
  using enum pod::ContainerRole;
  const auto row = [](std::vector<ContainerView> containers, std::string phase) {
    const PodView view = pod(std::move(containers), std::move(phase));
    const std::string table = pod_table({view}, now);
    return table.substr(table.find('\n') + 1);
  };
  ContainerView done = terminated("Completed");
  done.ready = true;
  const ContainerView waits = waiting("PodInitializing");
  ContainerView ran_and_failed = terminated("Error", 3);
  ran_and_failed.restart_count = 2;
  EXPECT_EQ(row({as(Init, running()), as(Sidecar, waits), waits}, "Pending"),
            "web    0/2     Init:0/2   0          3m12s\n");
  EXPECT_EQ(row({as(Init, done), as(Sidecar, waits), waits}, "Pending"),
            "web    0/2     Init:1/2   0          3m12s\n");
  EXPECT_EQ(row({as(Init, waiting("CrashLoopBackOff", 1)), waits}, "Pending"),
            "web    0/1     Init:CrashLoopBackOff   1 (12s ago)   3m12s\n");
  EXPECT_EQ(row({as(Init, ran_and_failed), waits}, "Failed"), "web    0/1     Init:Error   2          3m12s\n");
  EXPECT_EQ(row({as(Init, done), as(Sidecar, running()), waits}, "Pending"),
            "web    1/2     PodInitializing   0          3m12s\n");
  EXPECT_EQ(row({as(Init, done), as(Sidecar, running(1)), running()}, "Running"),
            "web    2/2     Running   1 (12s ago)   3m12s\n");
  EXPECT_EQ(row({as(Init, done), as(Sidecar, waiting("CrashLoopBackOff", 3)), running()}, "Running"),
            "web    1/2     Running   3 (12s ago)   3m12s\n");
}

TEST(Ps, ShowsNamespacesWhenOneIsNotTheDefault) {
  PodView other = pod({running()});
  other.namespace_name = "shop";
  EXPECT_EQ(pod_table({pod({running()}), other}, now),
            "NAMESPACE   NAME   READY   STATUS    RESTARTS   AGE\n"
            "default     web    1/1     Running   0          3m12s\n"
            "shop        web    1/1     Running   0          3m12s\n");
}

TEST(Ps, AnUnknownAgeIsShownAsUnknown) {
  PodView starting = pod({}, "Pending");
  starting.created.reset();
  EXPECT_EQ(pod_table({starting}, now),
            "NAME   READY   STATUS    RESTARTS   AGE\n"
            "web    0/0     Pending   0          <unknown>\n");
}

TEST(Ps, AgesDoNotDependOnTheWallClock) {
  PodRecord record{.name = "web", .namespace_name = "default", .started_realtime = now.time_since_epoch().count()};
  record.started = 1000s;
  record.containers = {{.name = "app"}};
  record.status.containers = {{.state = ContainerState::Running,
                               .restart_count = 1,
                               .started = 1004s,
                               .last = Termination{.exit_code = 1, .started = 1000s, .finished = 1003s}}};
  for (const auto set : {-48h, -1h, 0h, 1h, 48h})
    EXPECT_EQ(pod_table({view_of(record, 1009s, now + 9s + set)}, now + 9s + set),
              "NAME   READY   STATUS    RESTARTS     AGE\n"
              "web    1/1     Running   1 (6s ago)   9s\n")
        << set.count();
}

TEST(Ps, TheLastRestartIsTheNewestOfAllContainers) {
  ContainerView earlier = running(1);
  earlier.last_state->finished = now - 1h;
  EXPECT_NE(pod_table({pod({earlier, running(1), earlier})}, now).find(" 3 (12s ago) "), std::string::npos);
}

TEST(Ps, AnEndedContainersLastRestartIsTheStartOfItsLastInstance) {
  ContainerView ended = terminated("Error", 1);
  ended.restart_count = 4;
  std::get<TerminatedView>(ended.state).started = now - 30s;
  EXPECT_NE(pod_table({pod({ended})}, now).find(" 4 (30s ago) "), std::string::npos);
}

TEST(PodStatusWord, AHealthyPodShowsItsPhase) {
  EXPECT_EQ(status_word(pod({running(), running()})), "Running");
}

TEST(PodStatusWord, AWaitingContainersReasonIsShown) {
  EXPECT_EQ(status_word(pod({running(), waiting("CrashLoopBackOff", 3)})), "CrashLoopBackOff");
  EXPECT_EQ(status_word(pod({waiting("ContainerCreating")}, "Pending")), "ContainerCreating");
}

TEST(PodStatusWord, TheFirstOfSeveralReasonsIsShown) {
  EXPECT_EQ(status_word(pod({terminated("StartError", 128), terminated("Error", 1)}, "Failed")),
            "StartError");
}

TEST(PodStatusWord, APodIsCompletedWhenAllItsContainersAre) {
  EXPECT_EQ(status_word(pod({terminated("Completed"), terminated("Completed")}, "Succeeded")), "Completed");
}

TEST(PodStatusWord, APodIsNotReadyWhenOnlySomeContainersHaveCompleted) {
  EXPECT_EQ(status_word(pod({terminated("Completed"), running()})), "NotReady");
}

TEST(PodStatusWord, APodIsTerminatingWhileItStops) {
  PodView stopping = pod({waiting("CrashLoopBackOff", 1)});
  stopping.deletion = now + 30s;
  EXPECT_EQ(status_word(stopping), "Terminating");
}

TEST(PodStatusWord, ThePodsOwnReasonTakesPrecedence) {
  PodView dead = pod({terminated("Error", 1)});
  dead.reason = "Dead";
  EXPECT_EQ(status_word(dead), "Dead");
}

TEST(PodStatusWord, AStoppedPodIsToldFromOneThatFailedOrSucceeded) {
  for (const auto& [state, code] : {std::pair{ContainerState::Failed, 143}, {ContainerState::Completed, 0}}) {
    PodRecord record{.name = "web", .namespace_name = "default"};
    record.containers = {{.name = "app"}};
    const std::string reason = code == 0 ? "Completed" : "Error";
    record.status.containers = {{.state = state, .last = Termination{.exit_code = code, .reason = reason}}};
    EXPECT_EQ(status_word(view_of(record, 1s, now)), reason);
    record.status.stopping = true;
    const PodView stopped = view_of(record, 1s, now);
    EXPECT_EQ(status_word(stopped), "Stopped");
    EXPECT_EQ(stopped.phase, code == 0 ? "Succeeded" : "Failed") << "Kubernetes' own word";
    const auto read = parse_pod_json(to_json(stopped));
    ASSERT_TRUE(read);
    EXPECT_EQ(status_word(*read), "Stopped");
    record.status.containers[0].state = ContainerState::Stopping;
    EXPECT_EQ(status_word(view_of(record, 1s, now)), "Terminating");
  }
}

TEST(KubectlAge, HasKubectlsUnits) {
  const std::pair<std::chrono::nanoseconds, const char*> ages[] = {
      {-10s, "<invalid>"}, {-1s, "0s"},           {0s, "0s"},           {999ms, "0s"},
      {5s, "5s"},          {119s, "119s"},        {120s, "2m"},         {192s, "3m12s"},
      {599s, "9m59s"},     {600s, "10m"},         {659s, "10m"},        {179min, "179m"},
      {3h, "3h"},          {3h + 20min, "3h20m"}, {8h, "8h"},           {47h + 59min, "47h"},
      {48h, "2d"},         {49h, "2d1h"},         {8 * 24h + 5h, "8d"}, {729 * 24h, "729d"},
      {730 * 24h, "2y"},   {731 * 24h, "2y1d"},   {9 * 365 * 24h, "9y"}};
  for (const auto& [age, text] : ages) EXPECT_EQ(kubectl_age(age), text);
}

}  // namespace
}  // namespace podrun::supervisor

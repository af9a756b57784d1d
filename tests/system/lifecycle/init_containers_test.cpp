// Init containers, sidecars, restart policies of single containers, and the deadline of a pod.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

using supervisor::ContainerState;

/// A Pod with init containers. INITS and CONTAINERS are items of a YAML list, one on each line.
std::string pod_text(const std::string& spec, const std::string& inits, const std::string& containers) {
  std::string text = "apiVersion: v1\nkind: Pod\nmetadata: {name: pod}\nspec:\n  terminationGracePeriodSeconds: 5\n";
  if (!spec.empty()) text += "  " + spec + "\n";
  if (!inits.empty()) text += "  initContainers:\n" + inits;
  return text + "  containers:\n" + containers;
}

std::string item(const std::string& name, const std::string& script, const std::string& fields = "") {
  return fmt::format("  - name: {}\n    image: localhost/busybox\n    command: [sh, -c, {}]\n{}", name,
                     nlohmann::json(script).dump(), fields.empty() ? "" : "    " + fields + "\n");
}

class RootLifecycle : public testing::Test {
 protected:
  std::string write(const std::string& text) { return root_.write("pod.yaml", text); }
  TemporaryRoot root_;
};

TEST_F(RootLifecycle, InitContainersRunOneAfterTheOtherBeforeTheAppContainers) {
  const std::string shared = "volumeMounts: [{name: v, mountPath: /v}]";
  PodRun pod(root_, {write(pod_text("restartPolicy: Never\n  volumes: [{name: v, emptyDir: {}}]",
                                    item("first", "echo 1 >> /v/order", shared) +
                                        item("second", "echo 2 >> /v/order", shared),
                                    item("app", "echo 3 >> /v/order; cat /v/order", shared)))});
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_EQ(pod.out(), "app    | 1\napp    | 2\napp    | 3\n");
  EXPECT_TRUE(pod.wait_for_err("init 1 of 2: first: exited with 0"));
  EXPECT_TRUE(pod.wait_for_err("init 2 of 2: second: exited with 0"));
}

TEST_F(RootLifecycle, AnInitContainerThatFailsForGoodFailsThePod) {
  const Finished run = test::run(root_, {write(pod_text("restartPolicy: Never", item("migrate", "exit 3"),
                                                        item("app", "echo never")))});
  EXPECT_EQ(run.status, 1);
  EXPECT_EQ(run.out, "");
  const Finished table = test::run(root_, {"ps", "-a"});
  EXPECT_TRUE(holds(table.out, "0/1     Init:Error")) << table.out;
}

/// The pod goes on: the init container is tried again with its back-off.
TEST_F(RootLifecycle, ADetachedStartReportsAnInitContainerThatFails) {
  const Finished run = test::run(root_, {"run", "-d", write(pod_text("", item("migrate", "exit 3"),
                                                                     item("app", "echo never")))});
  EXPECT_EQ(run.status, 1);
  EXPECT_TRUE(holds(run.err, "pod pod: migrate: exited with 3; the containers after it wait")) << run.err;
  wait_for_state(root_, "default_pod", [](const auto& record) {
    return record.status.containers[0].state == ContainerState::Backoff;
  });
  const Finished table = test::run(root_, {"ps"});
  EXPECT_TRUE(holds(table.out, "Init:CrashLoopBackOff")) << table.out;
  EXPECT_EQ(test::run(root_, {"stop", "pod"}).status, 0);
}

/// A sidecar runs beside init containers that follow it and beside the app containers, restarts whatever they do, and
/// ends after them. Its exit code does not count.
TEST_F(RootLifecycle, ASidecarLivesUntilTheAppContainersHaveEnded) {
  const std::string shared = "volumeMounts: [{name: v, mountPath: /v}]";
  const std::string sidecar =
      "trap 'echo app ended: $(cat /v/ended); exit 7' TERM\n[ -e /v/up ] || { touch /v/up; exit 1; }\n"
      "touch /v/again\nsleep 1000 & wait $!\n";
  const std::string wait_for_restart = "until [ -e /v/again ]; do sleep 0.02; done";
  PodRun pod(root_, {write(pod_text("restartPolicy: Never\n  volumes: [{name: v, emptyDir: {}}]",
                                    item("log", sidecar, "restartPolicy: Always\n    " + shared) +
                                        item("migrate", wait_for_restart, shared),
                                    item("app", "echo yes > /v/ended", shared)))});
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_EQ(pod.out(), "log     | app ended: yes\n");
}

TEST_F(RootLifecycle, AStopEndsSidecarsAfterTheAppContainers) {
  const auto writes_its_end = [](const std::string& name) {
    return fmt::format("trap 'echo {}; exit 0' TERM\necho up\nsleep 1000 & wait $!\n", name);
  };
  PodRun pod(root_, {write(pod_text("", item("one", writes_its_end("1"), "restartPolicy: Always") +
                                            item("two", writes_its_end("2"), "restartPolicy: Always"),
                                    item("app", writes_its_end("3"))))});
  ASSERT_TRUE(pod.wait_for_out("app | up"));
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0);
  const std::size_t app = pod.out().find("app | 3"), two = pod.out().find("two | 2"), one = pod.out().find("one | 1");
  EXPECT_TRUE(app < two && two < one && one != std::string::npos) << pod.out();
}

TEST_F(RootLifecycle, AStopDuringAnInitContainerStartsNothingMore) {
  PodRun pod(root_, {write(pod_text("", item("migrate", "echo up; trap 'exit 0' TERM; sleep 1000 & wait $!"),
                                    item("app", "echo never")))});
  ASSERT_TRUE(pod.wait_for_out("migrate | up"));
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0);
  EXPECT_FALSE(holds(pod.out(), "never"));
}

TEST_F(RootLifecycle, AContainerHasARestartPolicyOfItsOwn) {
  PodRun pod(root_, {write(pod_text("restartPolicy: Always", "",
                                    item("app", "echo once; exit 1", "restartPolicy: Never")))});
  EXPECT_EQ(pod.wait_exit(), 1);
  EXPECT_EQ(pod.out(), "app | once\n");
}

TEST_F(RootLifecycle, AContainerIsRestartedByItsRules) {
  const std::string fields =
      "restartPolicy: Never\n    restartPolicyRules: [{action: Restart, exitCodes: {operator: In, values: [42]}}]\n"
      "    volumeMounts: [{name: v, mountPath: /v}]";
  PodRun pod(root_, {write(pod_text("volumes: [{name: v, emptyDir: {}}]", "",
                                    item("app", "echo run; [ -e /v/x ] && exit 3; touch /v/x; exit 42", fields)))});
  EXPECT_EQ(pod.wait_exit(), 1);
  EXPECT_EQ(pod.out(), "app | run\napp | run\n");
}

TEST_F(RootLifecycle, APodThatExceedsItsDeadlineHasFailed) {
  const Finished run =
      test::run(root_, {write(pod_text("activeDeadlineSeconds: 1", "", item("app", ready_until_stopped)))});
  EXPECT_EQ(run.status, 1);
  EXPECT_TRUE(holds(run.err, "run for as long as activeDeadlineSeconds allows")) << run.err;
  const Finished table = test::run(root_, {"ps", "-a"});
  EXPECT_TRUE(holds(table.out, "DeadlineExceeded")) << table.out;
}

TEST_F(RootLifecycle, ADetachedStartSaysThatASidecarWasKilledBeforeItHasStarted) {
  const std::string fields =
      "restartPolicy: Always\n    startupProbe: {exec: {command: [\"false\"]}, periodSeconds: 1, failureThreshold: 1}";
  const Finished start =
      test::run(root_, {"-d", write(pod_text("", item("proxy", until_stopped, fields), item("app", until_stopped)))});
  EXPECT_EQ(start.status, 1);
  EXPECT_TRUE(holds(start.err, "proxy: killed by its startup probe")) << start.err;
  EXPECT_EQ(test::run(root_, {"stop", "pod"}).status, 0);
}

/// What was done stays done: an init container that has ended does not run again under the next supervisor.
TEST_F(RootLifecycle, AnInitContainerRunsOnceAlthoughTheSupervisorIsKilled) {
  PodRun pod(root_, {write(pod_text("", item("first", "echo first") +
                                            item("second", "echo second; trap 'exit 0' USR1; sleep 1000 & wait $!"),
                                    item("app", ready_until_stopped)))});
  ASSERT_TRUE(pod.wait_for_out("second | second"));
  const auto state = wait_for_state(root_, "default_pod", [](const auto& record) {
    return record.status.containers[1].state == ContainerState::Running;
  });
  const pid_t former = state.supervisor;
  ASSERT_EQ(::kill(former, SIGKILL), 0);
  wait_for_state(root_, "default_pod", [&](const auto& record) { return record.supervisor != former; });
  ASSERT_EQ(::kill(state.containers[1].pid, SIGUSR1), 0);
  ASSERT_TRUE(pod.wait_for_out("app    | ready")) << pod.out() << pod.err();
  EXPECT_EQ(pod.out(), "first  | first\nsecond | second\napp    | ready\n");
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0);
}

}  // namespace
}  // namespace podrun::test

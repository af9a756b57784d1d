// Exec probes and exec hooks of pods, from the manifest to the end.
#include <signal.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "tests/system/support/support.hpp"
#include "tests/system/support/supervisor_killer.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using supervisor::ContainerState;
using supervisor::ContainerStatus;
using supervisor::PodRecord;

std::string command_of(const std::string& script) {
  return fmt::format("{{exec: {{command: [sh, -c, {}]}}}}", nlohmann::json(script).dump());
}
std::string probe(const std::string& name, const std::string& script, const std::string& fields) {
  return fmt::format("{}: {{exec: {{command: [sh, -c, {}]}}, {}}}\n", name, nlohmann::json(script).dump(), fields);
}
std::string hook(const std::string& name, const std::string& script) {
  return fmt::format("  {}: {}\n", name, command_of(script));
}
const std::string mount = "volumeMounts: [{name: v, mountPath: /v}]\n";

class RootExecHealth : public testing::Test {
 protected:
  std::string write(const std::vector<ContainerText>& containers, const std::string& spec = "restartPolicy: Always") {
    fs::create_directory(root_ / "v");
    const std::string volume = fmt::format("\nvolumes: [{{name: v, hostPath: {{path: {}}}}}]", root_ / "v");
    return root_.write("pod.yaml", manifest("pod", containers, "os: {name: linux}\n" + spec + volume));
  }
  PodRecord state(const std::function<bool(const PodRecord&)>& wanted) {
    for (const Deadline deadline = soon();
         !fs::exists(root_ / "run/podrun/default_pod/state.json") && std::chrono::steady_clock::now() < deadline;) {}
    return wait_for_state(root_, "default_pod", wanted);
  }
  /// The state when this holds of the first container.
  PodRecord first(const std::function<bool(const ContainerStatus&)>& wanted) {
    return state([&](const PodRecord& now) { return wanted(now.status.containers[0]); });
  }
  /// The lines that containers have added to a file of the volume.
  std::string file(const std::string& name) const { return contents_of(root_ / ("v/" + name)); }
  /// Waits until a file of the volume has so many bytes.
  bool wait_for_file(const std::string& name, std::size_t bytes) const {
    const Deadline deadline = soon();
    while (file(name).size() < bytes && std::chrono::steady_clock::now() < deadline) {}
    return file(name).size() >= bytes;
  }
  void touch(const std::string& name) const { root_.write("v/" + name, ""); }
  /// What is left of commands in the control group of a container.
  bool has_commands(const std::string& container) const {
    const std::string group =
        fmt::format("{}/{}/default_pod/{}", root_.facts().cgroup2_mount, root_.cgroup_base(), container);
    return std::ranges::any_of(fs::directory_iterator(group), [](const fs::directory_entry& entry) {
      return entry.path().filename().string().starts_with("cmd-");
    });
  }

  TemporaryRoot root_;
};

TEST_F(RootExecHealth, AContainerIsStartedAndReadyWhenItsProbesSucceed) {
  PodRun pod(root_, {write({{"app", until_stopped,
                             mount + probe("startupProbe", "test -e /v/up", "periodSeconds: 1, failureThreshold: 60") +
                                 probe("readinessProbe", "test -e /v/ready", "periodSeconds: 1")}})});
  first([](const ContainerStatus& app) { return app.state == ContainerState::Running; });
  EXPECT_FALSE(first([](const ContainerStatus&) { return true; }).status.containers[0].is_started);
  touch("up");
  EXPECT_FALSE(first([](const ContainerStatus& app) { return app.is_started; }).status.containers[0].ready);
  touch("ready");
  first([](const ContainerStatus& app) { return app.ready; });
  fs::remove(root_ / "v/ready");
  const PodRecord sick = first([](const ContainerStatus& app) { return !app.ready; });
  EXPECT_EQ(sick.status.containers[0].restart_count, 0) << "readiness restarts nothing";
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
}

TEST_F(RootExecHealth, AFailedLivenessProbeReplacesTheContainerAfterItsPreStopHook) {
  const std::string script = "trap 'echo signal >> /v/order; exit 0' USR1; rm -f /v/sick; while :; do sleep 0.05; done";
  PodRun pod(root_, {write({{"app", script,
                             mount + probe("livenessProbe", "test ! -e /v/sick || { echo no database; exit 1; }",
                                           "periodSeconds: 1, failureThreshold: 1") +
                                 "lifecycle:\n  stopSignal: SIGUSR1\n" + hook("preStop", "echo hook >> /v/order")}})});
  first([](const ContainerStatus& app) { return app.is_started; });
  touch("sick");
  const PodRecord record = first([](const ContainerStatus& app) { return app.restart_count == 1; });
  ASSERT_TRUE(record.status.containers[0].last);
  EXPECT_EQ(record.status.containers[0].last->cause, "liveness probe failed: command exited with 1: no database");
  EXPECT_EQ(record.status.containers[0].last->exit_code, 0);
  EXPECT_EQ(file("order"), "hook\nsignal\n");
  first([](const ContainerStatus& app) { return app.state == ContainerState::Running; });
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_EQ(file("order"), "hook\nsignal\nhook\nsignal\n") << "once for each instance";
}

TEST_F(RootExecHealth, ThePostStartHookOfOneContainerDelaysTheNext) {
  PodRun pod(root_, {write({{"first", until_stopped,
                             mount + "lifecycle:\n" + hook("postStart", "sleep 0.5; echo hook >> /v/order")},
                            {"second", until_stopped_after("echo second >> /v/order"), mount}})});
  state([](const PodRecord& now) { return now.status.containers[1].is_started; });
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_EQ(file("order"), "hook\nsecond\n");
}

TEST_F(RootExecHealth, AFailedPostStartHookEndsTheContainerAfterItsPreStopHook) {
  PodRun pod(root_, {write({{"app", until_stopped,
                             mount + "lifecycle:\n" + hook("postStart", "echo no licence; exit 2") +
                                 hook("preStop", "echo drained >> /v/order")}},
                           "restartPolicy: Never")});
  EXPECT_EQ(pod.wait_exit(), 0) << "as its exit status says: " << pod.err();
  EXPECT_TRUE(holds(pod.err(), "postStart hook failed: command exited with 2: no licence")) << pod.err();
  EXPECT_EQ(file("order"), "drained\n");
}

TEST_F(RootExecHealth, AHookHasTheIdentityOfItsContainer) {
  fs::create_directory(root_ / "v");
  fs::permissions(root_ / "v", fs::perms::all);
  const std::string fields =
      "env: [{name: WORD, value: hello}]\nworkingDir: /tmp\nsecurityContext: {runAsUser: 1234, runAsGroup: 99}\n";
  const std::string words = "echo $(id -u) $(id -g) $PWD $WORD $(grep CapEff /proc/self/status)";
  PodRun pod(root_, {write({{"app", words + " >> /v/app\n" + until_stopped,
                             mount + fields + "lifecycle:\n" + hook("postStart", words + " >> /v/hook")}})});
  first([](const ContainerStatus& app) { return app.is_started; });
  ASSERT_TRUE(wait_for_file("app", 1));
  EXPECT_EQ(file("hook"), file("app"));
  EXPECT_TRUE(file("hook").starts_with("1234 99 /tmp hello CapEff:")) << file("hook");
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
}

TEST_F(RootExecHealth, AStopEndsAHookThatOutlastsTheGracePeriod) {
  const std::string without_end = "echo begun >> /v/order; while :; do sleep 1000; done";
  PodRun pod(root_, {write({{"app", until_stopped, mount + "lifecycle:\n" + hook("preStop", without_end)}},
                           "restartPolicy: Always\nterminationGracePeriodSeconds: 1")});
  first([](const ContainerStatus& app) { return app.is_started; });
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_EQ(file("order"), "begun\n");
}

TEST_F(RootExecHealth, HooksMayBeRequests) {
  const std::string serves = "httpd -f -vv -p 8080 -h /etc &\n" + until_stopped;
  PodRun pod(root_, {write({{"app", serves,
                             "readinessProbe: {httpGet: {port: 8080, path: /passwd}, periodSeconds: 1}\n"
                             "lifecycle:\n  preStop: {httpGet: {port: 8080, path: /drain}}\n"}})});
  first([](const ContainerStatus& app) { return app.ready; });
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_TRUE(holds(pod.err(), "url:/drain")) << pod.err();
}

TEST_F(RootExecHealth, ARequestOfAHookThatNobodyAnswersFails) {
  PodRun pod(root_, {write({{"app", until_stopped, "lifecycle:\n  postStart: {httpGet: {port: 8080}}\n"}},
                           "restartPolicy: Never")});
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_TRUE(holds(pod.err(), "postStart hook failed: ")) << pod.err();
}

// The pause holds the hook, so the next supervisor waits for the same process.
TEST_F(RootExecHealth, AHookOutlivesItsSupervisor) {
  const std::string waits = "echo ran >> /v/order; until [ -e /v/go ]; do sleep 0.02; done";
  PodRun pod(root_, {write({{"app", until_stopped,
                             mount + probe("livenessProbe", "true", "periodSeconds: 1") + "lifecycle:\n" +
                                 hook("postStart", waits)}})});
  ASSERT_TRUE(wait_for_file("order", 1));
  SupervisorKiller killer(pod.pid());
  for (int kill = 0; kill < 3; ++kill) ASSERT_TRUE(killer.kill_next(std::chrono::milliseconds(20)));
  touch("go");
  first([](const ContainerStatus& app) { return app.is_started; });
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_EQ(file("order"), "ran\n");
}

TEST_F(RootExecHealth, NothingOfAProbeIsLeftWhenTheNextSupervisorHasTakenOver) {
  PodRun pod(root_, {write({{"app", until_stopped,
                             mount + probe("readinessProbe", "echo >> /v/tries; while :; do sleep 1000; done",
                                           "periodSeconds: 1000, timeoutSeconds: 1000")}})});
  ASSERT_TRUE(wait_for_file("tries", 1));
  SupervisorKiller killer(pod.pid());
  ASSERT_TRUE(killer.kill_next());
  ASSERT_TRUE(wait_for_file("tries", 2));
  EXPECT_TRUE(has_commands("app")) << "the probe of the next supervisor";
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
}

}  // namespace
}  // namespace podrun::test

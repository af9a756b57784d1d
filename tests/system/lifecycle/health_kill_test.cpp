// Supervisors that are killed at any instants while hooks, probes and init containers run: no hook runs twice, none is
// forgotten, and no container restarts for another reason than its own.
#include <signal.h>

#include <chrono>
#include <filesystem>
#include <map>
#include <random>
#include <sstream>

#include <fmt/format.h>

#include "tests/system/support/support.hpp"
#include "tests/system/support/supervisor_killer.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;

/// Each instance writes its number, and so do its hooks. Its liveness probe fails after some time, so it is replaced.
constexpr char pod_text[] = R"(apiVersion: v1
kind: Pod
metadata:
  name: pod
  annotations: {{podrun.io/backoff-initial: 10ms, podrun.io/backoff-max: 10ms}}
spec:
  terminationGracePeriodSeconds: 20
  initContainers:
  - name: one
    image: localhost/busybox
    command: [sh, -c, 'echo one >> /v/inits; sleep 0.3']
    volumeMounts: [{{name: v, mountPath: /v}}]
  - name: two
    image: localhost/busybox
    command: [sh, -c, 'echo two >> /v/inits; sleep 0.3']
    volumeMounts: [{{name: v, mountPath: /v}}]
  containers:
  - name: app
    image: localhost/busybox
    command:
    - sh
    - -c
    - |
      trap 'exit 0' TERM
      n=$(($(cat /v/number 2> /dev/null || echo 0) + 1))
      echo $n > /v/number.new
      mv /v/number.new /v/number
      echo $n >> /v/starts
      echo $n > /tmp/new
      mv /tmp/new /tmp/number
      while :; do sleep 0.05; done
    volumeMounts: [{{name: v, mountPath: /v}}]
    lifecycle:
      postStart: {{exec: {{command: [sh, -c, 'until [ -e /tmp/number ]; do sleep 0.01; done; cat /tmp/number >> /v/posts; sleep 0.05']}}}}
      preStop: {{exec: {{command: [sh, -c, 'cat /tmp/number >> /v/pres; sleep 0.05']}}}}
    livenessProbe: {{exec: {{command: [sh, -c, 'sleep 0.05; exit 1']}}, periodSeconds: 1, failureThreshold: 1, timeoutSeconds: 20}}
    readinessProbe: {{exec: {{command: ['true']}}, periodSeconds: 1}}
  volumes:
  - name: v
    hostPath: {{path: {}}}
)";

class HealthUnderKill : public testing::Test {
 protected:
  /// How often each number is in a file.
  std::map<int, int> counts(const std::string& name) const {
    std::istringstream numbers(contents_of(root_ / ("v/" + name)));
    std::map<int, int> found;
    for (int number = 0; numbers >> number;) ++found[number];
    return found;
  }

  TemporaryRoot root_;
};

TEST_F(HealthUnderKill, EachHookRunsOnceForEachInstance) {
  constexpr int kills = 200;
  fs::create_directory(root_ / "v");
  PodRun pod(root_, {root_.write("pod.yaml", fmt::format(pod_text, root_ / "v"))});
  SupervisorKiller killer(pod.pid());
  std::mt19937 random(1);
  for (int kill = 0; kill < kills; ++kill)
    ASSERT_TRUE(killer.kill_next(std::chrono::microseconds(random() % 80'000))) << "kill " << kill << pod.err();
  const auto last_instance = counts("starts").size();
  const auto record = wait_for_state(root_, "default_pod", [&](const supervisor::PodRecord&) {
    return counts("starts").size() > last_instance;
  });
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_EQ(contents_of(root_ / "v/inits"), "one\ntwo\n");
  const auto starts = counts("starts"), posts = counts("posts"), pres = counts("pres");
  EXPECT_GT(starts.size(), 5U);
  for (const auto& [number, times] : starts) {
    EXPECT_EQ(times, 1) << number;
    const bool is_last = number == static_cast<int>(starts.size());
    EXPECT_EQ(posts.contains(number) ? posts.at(number) : 0, 1) << "postStart of " << number;
    // The stop may have come before the last one was started.
    if (is_last) continue;
    EXPECT_EQ(pres.contains(number) ? pres.at(number) : 0, 1) << "preStop of " << number;
  }
  EXPECT_EQ(record.status.containers[2].restart_count, record.status.containers[2].instance);
  EXPECT_EQ(pod.err().find("killed (KILL)"), std::string::npos) << pod.err();
}

}  // namespace
}  // namespace podrun::test

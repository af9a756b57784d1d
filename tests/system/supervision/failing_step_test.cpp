// Each step of each example fails, because the test makes its system call fail. At the pod's first start nothing is
// left of the pod. Later the failure is an exit of the container.
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <optional>
#include <regex>
#include <set>

#include <fmt/format.h>

#include "pod/plan/plan_fields.hpp"
#include "supervisor/cli/manifest_sources.hpp"
#include "supervisor/state/load.hpp"
#include "tests/system/network/lan.hpp"
#include "tests/system/support/failing_call.hpp"
#include "tests/system/support/step_calls.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

using supervisor::ContainerState;
using supervisor::PodRecord;

std::string with(std::string text, const std::string& what, const std::string& instead) {
  const auto at = text.find(what);
  return at == std::string::npos ? text : text.replace(at, what.size(), instead);
}

/// A pod with the steps that no example has. The order of later starts in namespaces.yaml is not fixed, so it does not
/// serve.
constexpr char the_rest[] = R"(apiVersion: v1
kind: ConfigMap
metadata: {name: settings}
data: {color: teal}
---
apiVersion: v1
kind: Pod
metadata:
  name: rest
  annotations:
    podrun.io/namespaces: |
      own: mnt=private net=private ipc=private uts=private cgroup=private time=private
spec:
  terminationGracePeriodSeconds: 1
  securityContext:
    fsGroup: 2000
    sysctls: [{name: net.ipv4.ip_unprivileged_port_start, value: "80"}]
  volumes:
  - {name: scratch, emptyDir: {}}
  - {name: memory, emptyDir: {medium: Memory, sizeLimit: 1Mi}}
  - {name: settings, configMap: {name: settings}}
  - {name: host, hostPath: {path: HOST, type: DirectoryOrCreate}}
  containers:
  - name: strict
    image: localhost/busybox
    command: [sleep, "1000"]
    stdin: true
    workingDir: /scratch
    securityContext:
      runAsUser: 1000
      readOnlyRootFilesystem: true
      allowPrivilegeEscalation: false
      capabilities: {drop: [ALL]}
      seccompProfile: {type: RuntimeDefault}
    volumeMounts:
    - {name: scratch, mountPath: /scratch, subPath: below}
    - {name: memory, mountPath: /memory}
    - {name: settings, mountPath: /settings, readOnly: true, recursiveReadOnly: Enabled}
    - {name: host, mountPath: /host}
  - name: own
    image: localhost/busybox
    command: [sleep, "1000"]
    tty: true
)";

/// The text of the manifest of that name, for a root.
std::string manifest_of(const std::string& name, const TemporaryRoot& root) {
  return name == "rest" ? with(the_rest, "HOST", root / "host") : contents_of(example(name));
}

/// Docker's chain for the rules of others, as long as this object lives.
class DockerChain {
 public:
  DockerChain() { EXPECT_EQ(shell("nft add table ip filter && nft add chain ip filter DOCKER-USER").status, 0); }
  DockerChain(const DockerChain&) = delete;
  DockerChain& operator=(const DockerChain&) = delete;
  ~DockerChain() {
    EXPECT_FALSE(holds(shell("nft list table ip filter").out, "podrun")) << "a rule is left";
    EXPECT_EQ(shell("nft delete table ip filter").status, 0);
  }
};

/// A manifest, and its plan.
class PlannedPod {
 public:
  explicit PlannedPod(const std::string& name) {
    if (name == "rest") docker_.emplace();
    // A fixed uid, so that this plan is that of the pod; no grace period, because a program may not handle TERM yet;
    // and a root that exists.
    std::string text =
        with(manifest_of(name, root_), "kind: Pod\nmetadata:\n", "kind: Pod\nmetadata:\n  uid: " + uid_ + "\n");
    text = std::regex_replace(text, std::regex("(terminationGracePeriodSeconds:) [0-9]+"), "$1 0");
    const std::string rootfs = root_.make_rootfs("nginx");
    root_.write("nginx/bin/nginx", "#!/bin/sh\nexec sleep 1000\n");
    ::chmod((rootfs + "/bin/nginx").c_str(), 0755);
    text = with(text, "rootfs:/var/lib/podrun/rootfs/nginx", "rootfs:" + rootfs);
    path_ = root_.write(name + ".yaml", text);
    auto chosen = supervisor::select_pod({{path_, text}}, {});
    EXPECT_TRUE(chosen) << chosen.error().text;
    auto loaded = supervisor::load({.pod = chosen->pods.front().pod,
                                    .source = path_,
                                    .storage = root_.layout().storage(),
                                    .claims = root_.layout().claims(),
                                    .image_places = image_places(root_.layout(), build_folder)});
    EXPECT_TRUE(loaded) << loaded.error().text;
    plan_ = std::move(loaded->plan);
  }

  const pod::PodPlan& plan() const { return plan_; }

  void fails_at_start(const StepCall& step) {
    SCOPED_TRACE(step.words);
    const HostSnapshot before = snapshot(root_);
    {
      FailingCall failing(step.call, EIO);
      PodRun pod(root_, {path_}, {.failing = &failing});
      if (step.is_exec) {
        EXPECT_TRUE(pod.wait_for_err("did not start: "));
        pod.signal(SIGTERM);
      }
      EXPECT_EQ(pod.wait_exit(), step.is_exec ? 0 : 3) << pod.err();
      EXPECT_TRUE(failing.has_failed());
      // The line of an exec that failed names the container already.
      const std::string names = step.words.substr(0, step.words.find(": ") + 2);
      EXPECT_TRUE(holds(pod.err(), step.is_exec ? step.words.substr(names.size()) : step.words));
      EXPECT_TRUE(holds(pod.err(), ": Input/output error"));
    }
    EXPECT_EQ(changes(before, snapshot(root_)), "");
    std::filesystem::remove_all(root_.layout().logs());
  }

  void fails_at_restart(std::size_t container, const StepCall& step) {
    SCOPED_TRACE("restart: " + step.words);
    const HostSnapshot before = snapshot(root_);
    {
      FailingCall failing(step.call, EIO);
      PodRun pod(root_, {path_}, {.failing = &failing});
      end_first_instance(pod, container);
      EXPECT_TRUE(pod.wait_for_err(plan_.containers[container].name + ": did not start: "));
      EXPECT_TRUE(failing.has_failed());
      check_start_error(container, step);
      pod.signal(SIGTERM);
      EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
    }
    EXPECT_EQ(changes(before, snapshot(root_)), "");
    std::filesystem::remove_all(root_.layout().logs());
  }

 private:
  /// Steps that fail do not depend on it.
  void end_first_instance(PodRun& pod, std::size_t container) {
    EXPECT_TRUE(pod.wait_for_err(plan_.containers[container].name + ": started (pid"));
    if (plan_.restart_policy == pod::RestartPolicy::OnFailure) return;
    const PodRecord record = state([&](const PodRecord& now) {
      return std::ranges::all_of(now.status.containers,
                                 [](const auto& each) { return each.state == ContainerState::Running; });
    });
    const auto first = ns::open_process(record.containers.at(container).pid);
    EXPECT_TRUE(first && ns::send_signal(*first, SIGKILL));
  }

  void check_start_error(std::size_t container, const StepCall& step) {
    const PodRecord record = state([&](const PodRecord& now) {
      return now.status.containers.at(container).state == ContainerState::Backoff;
    });
    const auto& failed = record.status.containers.at(container);
    ASSERT_TRUE(failed.last);
    EXPECT_EQ(failed.last->exit_code, 128);
    EXPECT_EQ(failed.last->reason, "StartError");
    EXPECT_TRUE(failed.last->message.starts_with(step.words)) << failed.last->message;
    EXPECT_TRUE(failed.last->message.ends_with(": Input/output error")) << failed.last->message;
    for (std::size_t other = 0; other < plan_.containers.size(); ++other)
      EXPECT_EQ(record.status.containers.at(other).restart_count, other == container ? 1 : 0) << other;
  }

  PodRecord state(const std::function<bool(const PodRecord&)>& wanted) {
    return wait_for_state(root_, plan_.id, wanted);
  }

  TemporaryRoot root_;
  std::optional<DockerChain> docker_;
  std::string uid_ = "6f1c1b04-2f36-4d1c-9f5c-0d1a6c9a7d11";
  std::string path_;
  pod::PodPlan plan_;
};

/// The first step of each kind.
std::vector<StepCall> kinds_of(std::vector<StepCall> steps) {
  std::set<std::string> seen;
  std::erase_if(steps, [&](const StepCall& step) { return !seen.insert(step.kind).second; });
  return steps;
}

TEST(FailingStep, EachKindOfStepFailingAtTheStartLeavesNothing) {
  PlannedPod web("web");
  for (const StepCall& step : kinds_of(steps_of_start(web.plan()))) web.fails_at_start(step);
}

TEST(FailingStep, AStepFailingAtARestartIsAStartError) {
  PlannedPod crashloop("crashloop");
  for (const StepCall& step : kinds_of(steps_of_restart(crashloop.plan(), 0)))
    if (std::set<std::string>{"OverlayRoot", "MountProc", "Gate", "Exec"}.contains(step.kind))
      crashloop.fails_at_restart(0, step);
}

// One container has ended and starts again while the first start of the other is in progress. A failure is that of a
// restart.
TEST(FailingStep, AStepFailingAtARestartDoesNotEndThePodsStart) {
  PlannedPod job("job");
  for (const StepCall& step : kinds_of(steps_of_restart(job.plan(), 0)))
    if (step.kind == "OverlayRoot" || step.kind == "MountProc") job.fails_at_restart(0, step);
}

class EveryStepFails : public testing::TestWithParam<std::string> {};

TEST_P(EveryStepFails, EachStepFailingAtTheStartLeavesNothing) {
  PlannedPod pod(GetParam());
  for (const StepCall& step : steps_of_start(pod.plan())) pod.fails_at_start(step);
}

TEST_P(EveryStepFails, EachStepFailingAtARestartIsAStartError) {
  PlannedPod pod(GetParam());
  for (const StepCall& step : steps_of_restart(pod.plan(), 0)) pod.fails_at_restart(0, step);
}

const std::string rehearsed[] = {"web", "crashloop", "job", "nginx", "config", "shared-pid", "rest"};

INSTANTIATE_TEST_SUITE_P(Of, EveryStepFails, testing::ValuesIn(rehearsed),
                         [](const auto& tried) { return std::regex_replace(tried.param, std::regex("-"), "_"); });

template <typename... Steps>
void add_names(std::set<std::string>& names, const std::variant<Steps...>&) {
  (names.emplace(pod::record_of(Steps{}).name), ...);
}

TEST(EveryStepFailsKinds, EveryKindOfStepIsCovered) {
  std::set<std::string> kinds;
  add_names(kinds, pod::FileStep{});
  add_names(kinds, pod::SandboxStep{});
  add_names(kinds, pod::MemoryStep{});
  add_names(kinds, pod::NetworkStep{});
  add_names(kinds, pod::HostStep{});
  add_names(kinds, pod::ChildStep{});
  for (const std::string& name : rehearsed)
    for (const StepCall& step : steps_of_start(PlannedPod(name).plan())) kinds.erase(step.kind);
  // Four steps have no system call by which they could be recognized, a claim must stay, and old connections end by
  // themselves.
  EXPECT_EQ(kinds, (std::set<std::string>{"CloneProc", "OpenInit", "OpenProcess", "OpenRoot", "GiveToGroup",
                                          "ForgetConnections"}));
}

}  // namespace
}  // namespace podrun::test

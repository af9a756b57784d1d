// The verbs that ask what a pod does: status, why, events, wait, and what -d waits for.
#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>

#include <nlohmann/json.hpp>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

using nlohmann::json;

/// A pod whose init container writes to the FIFO `up` in FOLDER, and ends when there is a file `go`.
std::string with_init(const std::string& folder) {
  std::string text = manifest("pod", {{"app", until_stopped}});
  text.insert(text.find("  containers:"),
              "  initContainers:\n  - {name: migrate, image: localhost/busybox, volumeMounts: [{name: v, mountPath: /v}],\n"
              "     command: [sh, -c, 'echo > /v/up; until [ -e /v/go ]; do sleep 0.02; done']}\n"
              "  volumes: [{name: v, hostPath: {path: " +
                  folder + ", type: DirectoryOrCreate}}]\n");
  return text;
}

class RootQuestions : public testing::Test {
 protected:
  Finished podrun(const std::vector<std::string>& words) { return test::run(root_, words); }
  std::string write(const std::string& text) { return root_.write("pod.yaml", text); }
  /// The folder of the only run's logs.
  std::string logs() const { return std::filesystem::directory_iterator(root_ / "var/log/pods")->path().string(); }

  TemporaryRoot root_;
};

TEST_F(RootQuestions, StatusIsAPodOfKubernetesWhileItRunsAndAfterItsEnd) {
  ASSERT_EQ(podrun({"-d", write(manifest("pod", {{"app", until_stopped, "env: [{name: PASSWORD, value: hunter2}]"}}))})
                .status,
            0);
  for (const bool runs : {true, false}) {
    if (!runs) {
      ASSERT_EQ(podrun({"stop", "pod"}).status, 0);
    }
    const Finished text = podrun({"status", "pod", "-o", "json"});
    ASSERT_EQ(text.status, 0) << text.err;
    const json pod = json::parse(text.out);
    EXPECT_EQ(pod["kind"], "Pod");
    EXPECT_EQ(pod["spec"]["containers"][0]["env"][0]["value"], "hunter2") << "the spec as it was given";
    EXPECT_EQ(pod["status"]["conditions"].size(), 4U);
    EXPECT_EQ(pod["status"]["qosClass"], "BestEffort");
    EXPECT_EQ(pod["status"]["containerStatuses"][0]["ready"], runs);
    const Finished yaml = podrun({"status", "pod", "-o", "yaml"});
    EXPECT_TRUE(holds(yaml.out, "kind: Pod\n")) << yaml.out;
    const Finished people = podrun({"status", "pod"});
    const std::string words = runs ? "pod is ready: 1 container runs" : "pod was stopped on request";
    EXPECT_TRUE(holds(people.out, words)) << people.out;
  }
  struct stat status{};
  ASSERT_EQ(::stat((logs() + "/status.json").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 07777, 0600U) << "it may hold passwords";
  EXPECT_FALSE(std::filesystem::exists(root_ / "run/podrun/default_pod")) << "nothing else is left";
}

TEST_F(RootQuestions, ASecretIsInNoStatus) {
  const std::string secret =
      "---\napiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {key: hunter2}\n";
  const std::string pod = manifest("pod", {{"app", until_stopped, "envFrom: [{secretRef: {name: s}}]"}});
  ASSERT_EQ(podrun({"-d", write(pod + secret)}).status, 0);
  EXPECT_FALSE(holds(podrun({"status", "pod", "-o", "json"}).out, "hunter2"));
  ASSERT_EQ(podrun({"stop", "pod"}).status, 0);
  EXPECT_FALSE(holds(contents_of(logs() + "/status.json"), "hunter2"));
}

TEST_F(RootQuestions, WhyAndEventsTellTheCrashLoop) {
  PodRun pod(root_, {write(manifest("pod", {{"app", "exit 3"}}, "restartPolicy: Always"))});
  ASSERT_TRUE(pod.wait_for_err("back-off, restart 2"));
  wait_for_state(root_, "default_pod", [](const supervisor::PodRecord& record) {
    return record.status.containers[0].state == supervisor::ContainerState::Backoff &&
           record.status.containers[0].restart_count == 1;
  });
  const Finished why = podrun({"why", "pod/app"});
  EXPECT_TRUE(matches(why.out, "^app restarted once; last exit 3; next try in [0-9]+s \\(back-off 10s\\)\n$"))
      << why.out;
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0);
  const Finished events = podrun({"events", "pod", "-o", "json"});
  std::vector<std::string> reasons;
  const json list = json::parse(events.out);
  for (const json& event : list["items"]) reasons.push_back(event["reason"]);
  EXPECT_EQ(reasons, (std::vector<std::string>{"Created", "Started", "ContainerDied", "Created", "Started",
                                               "ContainerDied", "BackOff"}));
  EXPECT_EQ(podrun({"why", "pod/none"}).status, 4);
  EXPECT_EQ(podrun({"why", "pot"}).status, 4);
}

TEST_F(RootQuestions, FollowedEventsEndWithThePod) {
  PodRun pod(root_, {write(manifest("pod", {{"app", ready_until_stopped}}))});
  ASSERT_TRUE(pod.wait_for_out("ready"));
  PodRun events(root_, {"events", "-f", "pod"});
  ASSERT_TRUE(events.wait_for_out("Started container app"));
  pod.signal(SIGTERM);
  ASSERT_TRUE(events.wait_for_out("Stopping container app"));
  EXPECT_EQ(events.wait_exit(), 0);
  EXPECT_TRUE(holds(events.out(), "Container app exited with 0")) << events.out();
}

TEST_F(RootQuestions, WaitReturnsWithTheEndOfThePod) {
  PodRun pod(root_, {write(manifest("pod", {{"app", ready_until_stopped}}))});
  ASSERT_TRUE(pod.wait_for_out("ready"));
  EXPECT_EQ(podrun({"wait", "--for=condition=Ready", "pod/pod"}).status, 0);
  const Finished late = podrun({"wait", "pod", "--timeout=0"});
  EXPECT_EQ(late.status, 1);
  EXPECT_TRUE(holds(late.err, "pod pod has not ended after 0s: pod is ready")) << late.err;
  PodRun completed(root_, {"wait", "pod"});
  PodRun deleted(root_, {"wait", "pod", "--for", "delete"});
  pod.signal(SIGTERM);
  EXPECT_EQ(completed.wait_exit(), 0) << "stopped on request";
  EXPECT_EQ(deleted.wait_exit(), 0);
  EXPECT_FALSE(std::filesystem::exists(root_ / "run/podrun/default_pod"));
  const Finished never = podrun({"wait", "pod", "--for=ready"});
  EXPECT_EQ(never.status, 1);
  EXPECT_TRUE(holds(never.err, "the pod was stopped, so it does not become ready")) << never.err;
  EXPECT_EQ(podrun({"wait", "pot"}).status, 4);
}

TEST_F(RootQuestions, ADetachedStartWaitsForWhatItIsTold) {
  EXPECT_EQ(podrun({"-d", "--wait=ready", write(manifest("pod", {{"app", until_stopped}}))}).status, 0);
  EXPECT_TRUE(holds(podrun({"ps"}).out, "1/1"));
  ASSERT_EQ(podrun({"stop", "pod"}).status, 0);

  const std::string ends = manifest("pod", {{"app", "", "command: [/no/program]"}, {"b", until_stopped}},
                                    "restartPolicy: Never");
  const Finished failed = podrun({"-d", "--wait=ready", write(ends)});
  EXPECT_EQ(failed.status, 1);
  EXPECT_TRUE(holds(failed.err, "app has ended for good (exit code 128), so it does not become ready")) << failed.err;
  ASSERT_EQ(podrun({"stop", "pod"}).status, 0);

  const Finished none = podrun({"-d", "--wait=none", write(manifest("pod", {{"app", "", "command: [/no/program]"}}))});
  EXPECT_EQ(none.status, 0) << none.err;
  EXPECT_EQ(none.out, "pod\n");
  (void)podrun({"rm", "-f", "pod"});
  EXPECT_EQ(podrun({"--wait=ready", write(manifest("pod", {{"app", until_stopped}}))}).status, 2);
}

/// The next supervisor knows what the caller waits for.
TEST_F(RootQuestions, WhoWaitsForReadyHearsTheNextSupervisor) {
  std::filesystem::create_directory(root_ / "v");
  ASSERT_EQ(::mkfifo((root_ / "v/up").c_str(), 0600), 0);
  PodRun start(root_, {"-d", "--wait=ready", write(with_init(root_ / "v"))});
  const Fd up(::open((root_ / "v/up").c_str(), O_RDONLY | O_CLOEXEC));  // waits for the init container
  const auto record = wait_for_state(root_, "default_pod", [](const supervisor::PodRecord& each) {
    return each.status.containers[0].state == supervisor::ContainerState::Running;
  });
  end_descendant(record.supervisor);
  root_.write("v/go", "");
  EXPECT_EQ(start.wait_exit(), 0) << start.err();
  EXPECT_EQ(start.out(), "pod\n");
  EXPECT_EQ(podrun({"stop", "pod"}).status, 0);
}

}  // namespace
}  // namespace podrun::test

// What the pause holds of what was compiled: it is sealed, later supervisors and commands read it, and only what runs
// is kept.
#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "supervisor/state/stored_pod.hpp"
#include "tests/system/support/supervisor_killer.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using supervisor::PodRecord;

/// The names of the files in memory that a pause holds.
std::vector<std::string> held_by(pid_t pause) {
  std::vector<std::string> names;
  for (const auto& [name, file] : ns::files_in_memory(pause).value_or(ns::FilesInMemory()))
    names.push_back(name);
  return names;
}

using Names = std::vector<std::string>;

TEST(StoredPlan, ThePauseHoldsWhatWasCompiledAndFilesHaveTheManifestAlone) {
  const TemporaryRoot root;
  PodRun pod(root, {root.write("pod.yaml", two_sleepers("pod"))});
  ASSERT_TRUE(pod.wait_for_err(": started (pid", 2)) << pod.err();
  const pid_t pause = processes_of(root, "default_pod").pause;
  EXPECT_EQ(held_by(pause), (Names{"plan/a/1", "plan/b/1", "pod"}));
  for (const auto& entry : fs::directory_iterator(root.layout().run_of("default_pod")))
    EXPECT_TRUE((std::set<std::string>{"lock", "control", "state.json", "state.spare", "pod.json"}).contains(
        entry.path().filename().string()))
        << entry.path();
  const auto held = ns::files_in_memory(pause);
  ASSERT_TRUE(held) << held.error().message;
  for (const auto& [name, file] : *held) {
    const Fd again(::open(fmt::format("/proc/self/fd/{}", file.get()).c_str(), O_RDWR | O_CLOEXEC));
    EXPECT_EQ(::pwrite(again.get(), "x", 1, 0), -1) << name;
    EXPECT_EQ(errno, EPERM) << name;
  }
}

TEST(StoredPlan, TheValueOfASecretIsInNoFile) {
  const TemporaryRoot root;
  const std::string secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: key}\nstringData: {word: " +
                             std::string("not-to-be-") + "written}\n---\n";
  PodRun pod(root, {root.write("pod.yaml", secret + manifest("pod", {{"a", "echo \"[$W]\"\n" + ready_until_stopped,
                                                                      "env: [{name: W, valueFrom: {secretKeyRef: "
                                                                      "{name: key, key: word}}}]\n"}}))});
  ASSERT_TRUE(pod.wait_for_out("[not-to-be-written]")) << pod.err();
  ASSERT_TRUE(SupervisorKiller(pod.pid()).kill_next());
  ASSERT_TRUE(pod.wait_for_err("took over 1 container")) << pod.err();
  const Finished entered = run(root, {"exec", "pod", "--", "sh", "-c", "echo $W"});
  EXPECT_EQ(entered.out, "not-to-be-written\n") << entered.err;
  for (const auto& entry : fs::recursive_directory_iterator(root / "run"))
    if (entry.is_regular_file()) {
      std::ifstream file(entry.path());
      const std::string text{std::istreambuf_iterator<char>(file), {}};
      EXPECT_EQ(text.find("not-to-be-written"), text.npos) << entry.path();
    }
}

// The image's configuration and its accounts are as they were when the pod started, for restarts and for exec.
TEST(StoredPlan, AChangeOfTheImageDoesNotReachWhatRuns) {
  const TemporaryRoot root;
  const std::string rootfs = root.make_rootfs("image");
  PodRun pod(root, {root.write("pod.yaml", manifest("pod",
                                                    {{"a", "echo \"home $HOME\"\nsleep 1000", "securityContext: "
                                                           "{runAsUser: 7}\n", "rootfs:" + rootfs}},
                                                    "restartPolicy: Always"))});
  ASSERT_TRUE(pod.wait_for_out("home ")) << pod.err();
  const std::string first = pod.out();
  std::ofstream(rootfs + "/etc/passwd") << "seven:x:7:7::/elsewhere:/bin/sh\n";
  ASSERT_TRUE(SupervisorKiller(pod.pid()).kill_next());
  ASSERT_TRUE(pod.wait_for_err("took over 1 container")) << pod.err();
  ASSERT_EQ(::kill(processes_of(root, "default_pod")["a"], SIGKILL), 0);
  ASSERT_TRUE(pod.wait_for_out("home ", 2)) << pod.err();
  EXPECT_FALSE(holds(pod.out(), "elsewhere"));
  EXPECT_FALSE(holds(run(root, {"exec", "pod", "--", "sh", "-c", "echo $HOME"}).out, "elsewhere"));
}

// The former one is held until the present one certainly is.
TEST(StoredPlan, EachLaunchWithVariablesFromFilesIsARevisionAndTheLastTwoAreHeld) {
  const TemporaryRoot root;
  const std::string variable =
      "env: [{name: X, valueFrom: {fileKeyRef: {volumeName: v, path: env, key: K}}}]\n";
  const std::string text =
      manifest("pod",
               {{"writer", "echo \"K='1'\" > /v/env\n" + ready_until_stopped, "volumeMounts: [{name: v, mountPath: "
                                                                              "/v}]\n"},
                {"reader", "echo \"X is $X\"\nsleep 1000", variable}},
               "restartPolicy: Always\nvolumes: [{name: v, emptyDir: {}}]");
  PodRun pod(root, {root.write("pod.yaml", text.substr(0, text.find("spec:")) +
                                               "  annotations: {podrun.io/backoff-initial: 10ms, "
                                               "podrun.io/backoff-max: 20ms}\n" +
                                               text.substr(text.find("spec:")))});
  ASSERT_TRUE(pod.wait_for_out("reader | X is 1\n")) << pod.err();
  const auto runs = [](const PodRecord& now) {
    return now.status.containers.at(1).state == supervisor::ContainerState::Running;
  };
  const PodRecord first = wait_for_state(root, "default_pod", runs);
  const unsigned revision = first.containers[1].revision;
  EXPECT_GT(revision, 1U);
  EXPECT_EQ(held_by(pod.pid()), (Names{"inputs", supervisor::revision_hold("reader", revision - 1),
                                       supervisor::revision_hold("reader", revision), "plan/writer/1", "pod"}));
  ASSERT_TRUE(SupervisorKiller(pod.pid()).kill_next());
  ASSERT_TRUE(pod.wait_for_err("took over 2 containers")) << pod.err();
  EXPECT_EQ(run(root, {"exec", "pod/writer", "--", "sh", "-c", "echo \"K='2'\" > /v/env"}).status, 0);
  EXPECT_EQ(run(root, {"exec", "pod/reader", "--", "sh", "-c", "echo $X"}).out, "1\n");
  ASSERT_EQ(::kill(first.containers[1].pid, SIGKILL), 0);
  ASSERT_TRUE(pod.wait_for_out("reader | X is 2\n")) << pod.err();
  wait_for_state(root, "default_pod", [&](const PodRecord& now) {
    return runs(now) && now.containers[1].revision == revision + 1;
  });
  EXPECT_EQ(held_by(pod.pid()), (Names{"inputs", supervisor::revision_hold("reader", revision),
                                       supervisor::revision_hold("reader", revision + 1), "plan/writer/1", "pod"}));
  EXPECT_EQ(run(root, {"exec", "pod/reader", "--", "sh", "-c", "echo $X"}).out, "2\n");
}

/// The text of a state file as a podrun of another version writes it. Each ends with the FNV-1a hash of what is before.
std::string state_of_version(std::string text, int version) {
  text.erase(text.rfind(",\"checksum\":"));
  text = std::regex_replace(text, std::regex("\"version\":[0-9]+,\"podrun\":\"[^\"]*\""),
                            fmt::format("\"version\":{},\"podrun\":\"9.8.7\"", version)) +
         "}";
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  text.pop_back();
  return fmt::format("{},\"checksum\":\"{:016x}\"}}\n", text, hash);
}

TEST(StoredPlan, APodOfANewerPodrunIsRefusedWithItsNameAndCanBeStopped) {
  const TemporaryRoot root;
  const std::string path = root.write("pod.yaml", manifest("pod", {{"a", ready_until_stopped}}));
  PodRun pod(root, {path});
  ASSERT_TRUE(pod.wait_for_out("ready")) << pod.err();
  processes_of(root, "default_pod");
  const std::string state = root.layout().state("default_pod");
  std::ofstream(state + ".newer") << state_of_version(contents_of(state), 99);
  fs::rename(state + ".newer", state);
  const std::string why = "the state has version 99, of podrun 9.8.7; ";
  for (const auto& [status, words] : std::vector<std::pair<int, Names>>{{125, {"exec", "pod/a", "--", "true"}},
                                                                       {125, {"debug", "pod/a", "--image", "x"}},
                                                                       {4, {"attach", "pod/a"}},
                                                                       {1, {"ns", "pod"}},
                                                                       {0, {"ps"}}}) {
    const Finished refused = run(root, words);
    EXPECT_EQ(refused.status, status) << words[0] << refused.err;
    EXPECT_TRUE(holds(refused.err, why)) << words[0];
  }
  const Finished again = run(root, {path});
  EXPECT_EQ(again.status, 4) << again.err;
  EXPECT_TRUE(holds(again.err, "already runs"));
  EXPECT_EQ(run(root, {"stop", "pod"}).status, 0);
}

}  // namespace
}  // namespace podrun::test

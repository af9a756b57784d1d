// A container has a writable hostPath /var/log and replaces podrun's directories and files there with links. Nothing is
// written, read or removed through them, and its pod runs on.
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>

#include <fmt/format.h>

#include "tests/system/support/supervisor_killer.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using supervisor::ContainerState;
using supervisor::PodRecord;

class EscapeLogs : public testing::Test {
 protected:
  EscapeLogs() {
    fs::create_directories(root_ / "var/log");
    fs::create_directories(root_ / "victim/a");
    root_.write("victim/a/0.log", secret);
    root_.write("victim/status.json", "{}");
    ::mkfifo((root_ / "var/log/go").c_str(), 0600);
  }
  std::string write(const std::string& script) const {
    return root_.write(
        "pod.yaml",
        manifest("pod", {{"a", script, "volumeMounts: [{name: log, mountPath: /log}]"}},
                 "restartPolicy: OnFailure\nvolumes: [{name: log, hostPath: {path: " + root_ / "var/log" + "}}]"));
  }
  /// The files to which the links lead, with their sizes.
  std::set<std::string> victim() const {
    std::set<std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(root_ / "victim"))
      found.insert(
          fmt::format("{} {}", entry.path().filename().string(), entry.is_regular_file() ? entry.file_size() : 0));
    return found;
  }
  void wait_for_instance(int instance) const {
    wait_for_state(root_, "default_pod", [&](const PodRecord& now) {
      return now.status.containers[0].instance == instance && now.status.containers[0].state == ContainerState::Running;
    });
  }

  const std::string secret = "2026-11-24T06:38:34.123456789Z stdout F of the host\n";
  TemporaryRoot root_;
};

TEST_F(EscapeLogs, ALinkInPlaceOfAContainersLogFolderIsNotFollowed) {
  PodRun pod(
      root_,
      {write(fmt::format("D=$(echo /log/pods/*/a)\n"
                         "if [ ! -L $D ]; then mv $D /log/moved; ln -s {} $D; echo first; exit 1; fi\necho second\n",
                         root_ / "victim/a") +
             until_stopped)});
  const std::set<std::string> before = victim();
  ASSERT_TRUE(pod.wait_for_out("a | second\n")) << pod.err();
  EXPECT_TRUE(pod.wait_for_err(
      "a link is on this path, and is not followed: new lines go to the folder that was opened before"))
      << pod.err();
  EXPECT_TRUE(holds(contents_of(root_ / "var/log/moved/1.log"), "second"));
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_EQ(run(root_, {"rm", "pod"}).status, 0);
  EXPECT_EQ(victim(), before);
}

// The log of the running instance is written by the descriptors that the pause holds. A later instance has no log.
TEST_F(EscapeLogs, ALaterSupervisorDoesNotFollowALinkedLogFolder) {
  PodRun pod(root_, {write(fmt::format("D=$(echo /log/pods/*/a)\n"
                                       "if [ ! -L $D ]; then mv $D /log/moved; ln -s {} $D; echo first; read word < "
                                       "/log/go; echo last; exit 1; fi\n",
                                       root_ / "victim/a") +
                           ready_until_stopped)});
  const std::set<std::string> before = victim();
  ASSERT_TRUE(pod.wait_for_out("a | first\n")) << pod.err();
  SupervisorKiller killer(pod.pid());
  ASSERT_TRUE(killer.kill_next());
  ASSERT_TRUE(pod.wait_for_err("took over 1 container")) << pod.err();
  root_.write("var/log/go", "go\n");
  wait_for_instance(1);
  EXPECT_TRUE(holds(contents_of(root_ / "var/log/moved/0.log"), "stdout F last\n"));
  EXPECT_TRUE(pod.wait_for_err("lines are dropped until it can be written")) << pod.err();

  const Finished logs = run(root_, {"logs", "pod"});
  EXPECT_NE(logs.status, 0);
  EXPECT_TRUE(holds(logs.err, "a link is on this path")) << logs.err;
  EXPECT_FALSE(holds(logs.out, "of the host"));
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_EQ(run(root_, {"rm", "pod"}).status, 0);
  EXPECT_EQ(victim(), before);
}

TEST_F(EscapeLogs, ALinkInPlaceOfARunsLogFolderIsNotFollowed) {
  PodRun pod(root_,
             {write(fmt::format(
                 "D=$(echo /log/pods/*)\nmv $D /log/moved; ln -s {} $D; echo linked; read word < /log/go; echo last\n",
                 root_ / "victim"))});
  const std::set<std::string> before = victim();
  ASSERT_TRUE(pod.wait_for_out("a | linked\n")) << pod.err();
  EXPECT_FALSE(holds(run(root_, {"logs", "pod"}).out, "of the host"));
  root_.write("var/log/go", "go\n");
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_TRUE(holds(pod.out(), "a | last")) << "to the end";
  EXPECT_TRUE(holds(contents_of(root_ / "var/log/moved/status.json"), "Succeeded"));
  for (const char* const verb : {"logs", "timeline", "rm"})
    EXPECT_NE(run(root_, {verb, "pod"}).status, 0) << verb << ": there is no run of it";
  EXPECT_FALSE(holds(run(root_, {"ps", "-a"}).out, "pod"));
  EXPECT_EQ(victim(), before);
}

TEST_F(EscapeLogs, ALinkInPlaceOfAllLogsIsNotFollowed) {
  PodRun pod(
      root_,
      {write(fmt::format("mv /log/pods /log/moved; ln -s {} /log/pods; echo linked; exit 0\n", root_ / "victim"))});
  const std::set<std::string> before = victim();
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_EQ(victim(), before);
  const Finished again = run(root_, {root_ / "pod.yaml"});
  EXPECT_EQ(again.status, 3);
  EXPECT_TRUE(holds(again.err, "/var/log/pods/default_pod_")) << again.err;
  EXPECT_TRUE(holds(again.err, "a link is on this path, and is not followed")) << again.err;
  EXPECT_EQ(victim(), before);
}

// If the manifest has a uid, another container can make the links before the start.
TEST_F(EscapeLogs, PodrunsOwnLogFilesAreNotWrittenThroughLinks) {
  const std::string uid = "11111111-2222-3333-4444-555555555555", logs = root_.layout().logs_of("default_pod", uid);
  fs::create_directories(logs);
  fs::create_symlink(root_ / "victim/a/0.log", logs + "/podrun.log");
  fs::create_symlink(root_ / "victim/status.json", logs + "/status.json");
  const std::string path = root_.write(
      "pod.yaml",
      fmt::format("apiVersion: v1\nkind: Pod\nmetadata: {{name: pod, uid: {}}}\nspec:\n  restartPolicy: Never\n"
                  "  containers: [{{name: a, image: localhost/busybox, command: [\"true\"]}}]\n",
                  uid));
  const std::set<std::string> before = victim();
  const Finished refused = run(root_, {"-d", path});
  EXPECT_EQ(refused.status, 3);
  EXPECT_TRUE(holds(refused.err, "podrun.log: not a regular file")) << refused.err;
  EXPECT_EQ(victim(), before);

  fs::remove(logs + "/podrun.log");
  for (const char* const name : {"/status.json", "/timeline.json", "/status.json.new", "/timeline.json.new"}) {
    fs::remove(logs + name);  // the start that failed has written a status
    fs::create_symlink(root_ / "victim/status.json", logs + name);
  }
  EXPECT_EQ(run(root_, {path}).status, 0);
  EXPECT_EQ(victim(), before);
  EXPECT_TRUE(holds(contents_of(logs + "/status.json"), "Succeeded"));
  fs::remove(logs + "/status.json");
  fs::create_symlink(logs + "/timeline.json", logs + "/status.json");
  EXPECT_TRUE(holds(run(root_, {"ps", "-a"}).out, "Unknown")) << "it reads no link either";
}

}  // namespace
}  // namespace podrun::test

// Links that a container makes on a volume, where a neighbour's next start will pass: they lead nowhere but into the
// neighbour's own root, and the host's way to a volume follows none.
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <set>

#include "tests/system/supervisor_hunt.hpp"
#include "tests/system/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using supervisor::ContainerState;
using supervisor::PodRecord;

/// A pod of `attacker`, which has the volume `shared` at /v and makes its links while the first instance of `victim` runs;
/// that fails then, and is started again.
class EscapeVolume : public testing::Test {
 protected:
  EscapeVolume() {
    for (const char* directory : {"meeting", "shared/inner", "outside"}) fs::create_directories(root_ / directory);
    root_.write("outside/secret", "of the host");
    for (const char* fifo : {"meeting/runs", "meeting/made"}) ::mkfifo((root_ / fifo).c_str(), 0600);
  }

  /// LINKS: the attacker's commands; MOUNTS: of the victim, whose second instance does AGAIN.
  std::string write(const std::string& links, const std::string& mounts, const std::string& again,
                    const std::string& volumes) const {
    const std::string meeting = ", {name: meeting, mountPath: /meeting}]";
    return root_.write(
        "pod.yaml",
        manifest("pod",
                 {{"attacker", until_stopped_after("read word < /meeting/runs\n" + links + "\necho > /meeting/made"),
                   "volumeMounts: [{name: shared, mountPath: /v}" + meeting},
                  {"victim",
                   until_stopped_after(
                       "if mkdir /meeting/first; then echo > /meeting/runs; read word < /meeting/made; exit 1; fi 2>&-\n" + again),
                   "volumeMounts: [" + mounts + meeting}},
                 "restartPolicy: Always\nvolumes: [{name: meeting, hostPath: {path: " + root_ / "meeting" + "}}, " +
                     volumes + "]"));
  }
  std::set<std::string> outside() const {
    std::set<std::string> names;
    for (const auto& entry : fs::directory_iterator(root_ / "outside")) names.insert(entry.path().filename());
    return names;
  }

  TemporaryRoot root_;
};

TEST_F(EscapeVolume, ALinkInTheWayOfANeighboursMountLeadsIntoItsOwnRoot) {
  const std::string target = root_ / "outside", up = "../../../../../../../..";
  PodRun pod(root_, {write("mv /v/x /v/y; ln -s " + up + target + " /v/x; ln -s " + target + " /v/link; ln -s " + target + " /link",
                           "{name: shared, mountPath: /v}, {name: inner, mountPath: /v/x/inner}", "ls " + target,
                           "{name: shared, emptyDir: {}}, {name: inner, emptyDir: {}}")});
  EXPECT_TRUE(pod.wait_for_out("victim   | inner\n")) << "in a directory of that name, of its own";
  const Processes processes = processes_of(root_, "default_pod");
  EXPECT_FALSE(fs::exists("/proc/" + std::to_string(processes["attacker"]) + "/root" + target));
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_EQ(outside(), std::set<std::string>{"secret"}) << "nothing was mounted there, nor removed through the links";
}

// One container's hostPath holds the other's, so that it may put something else there, but no link to what neither has.
TEST_F(EscapeVolume, ALinkInTheWayToANeighboursHostPathIsNotFollowed) {
  const std::string shared = root_ / "shared";
  PodRun pod(root_, {write("mv /v/inner /v/former; ln -s " + root_ / "outside" + " /v/inner", "{name: inner, mountPath: /inner}",
                           "ls /inner",
                           "{name: shared, hostPath: {path: " + shared + "}}, {name: inner, hostPath: {path: " + shared +
                               "/inner}}")});
  ASSERT_TRUE(pod.wait_for_err("victim: started"));
  const PodRecord record = wait_for_state(root_, "default_pod", [](const PodRecord& now) {
    const auto& victim = now.status.containers[1];  // again, it has failed or runs
    return victim.instance >= 1 && (victim.state == ContainerState::Backoff || victim.state == ContainerState::Running);
  });
  const auto last = record.status.containers[1].last.value_or(supervisor::Termination{});
  EXPECT_EQ(last.reason, "StartError");
  EXPECT_TRUE(holds(last.message, "a link has taken its place"));
  EXPECT_FALSE(holds(pod.out(), "secret"));
}

TEST_F(EscapeVolume, TheHostsOwnLinksLeadWhereTheyLedAtThePodsStart) {
  fs::create_directory_symlink(root_ / "shared", root_ / "link");
  root_.write("shared/inner/mine", "");
  ::mkfifo((root_ / "meeting/go").c_str(), 0600);
  PodRun pod(root_, {write("rm /v/link; ln -s " + root_ / "outside" + " /v/link; echo linked; read word < /meeting/go",
                           "{name: inner, mountPath: /inner}", "ls /inner",
                           "{name: shared, hostPath: {path: " + root_.path() + "}}, {name: inner, hostPath: {path: " +
                               root_ / "link/inner" + "}}")});
  ASSERT_TRUE(pod.wait_for_out("attacker | linked"));
  EXPECT_TRUE(SupervisorHunt(pod.pid()).kill_next());  // the next one was not there at the start
  ASSERT_TRUE(pod.wait_for_err("took over 2 containers"));
  root_.write("meeting/go", "go\n");
  EXPECT_TRUE(pod.wait_for_out("victim   | mine\n"));
  EXPECT_FALSE(holds(pod.out(), "secret"));
}

}  // namespace
}  // namespace podrun::test

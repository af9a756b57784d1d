// Links that a container makes on a volume, on the way of the next start of another container or of the pod, are not
// followed. Neither are special files opened where podrun reads a file of an image or a volume.
#include <signal.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <filesystem>
#include <set>

#include "tests/opened_files.hpp"
#include "tests/supervisor/temporary_directory.hpp"
#include "tests/system/support/supervisor_killer.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using supervisor::ContainerState;
using supervisor::PodRecord;

/// A pod with `attacker`, which has the volume `shared` at /v, and `victim`. The attacker makes its links while the
/// first instance of the victim runs. That instance then fails, and is restarted.
class EscapeVolume : public testing::Test {
 protected:
  EscapeVolume() {
    for (const char* directory : {"meeting", "shared/inner", "outside"}) fs::create_directories(root_ / directory);
    root_.write("outside/secret", "of the host");
    for (const char* fifo : {"meeting/runs", "meeting/made"}) ::mkfifo((root_ / fifo).c_str(), 0600);
  }

  /// LINKS are the commands of the attacker, MOUNTS the mounts of the victim, and AGAIN the commands of its second
  /// instance.
  std::string write(const std::string& links, const std::string& mounts, const std::string& again,
                    const std::string& volumes) const {
    const std::string meeting = ", {name: meeting, mountPath: /meeting}]";
    return root_.write(
        "pod.yaml",
        manifest(
            "pod",
            {{"attacker", until_stopped_after("read word < /meeting/runs\n" + links + "\necho > /meeting/made"),
              "volumeMounts: [{name: shared, mountPath: /v}" + meeting},
             {"victim",
              until_stopped_after(
                  "if mkdir /meeting/first; then echo > /meeting/runs; read word < /meeting/made; exit 1; fi 2>&-\n" +
                  again),
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

// The victim mounts the volume `inner` inside of the shared one. If the attacker's link were followed, the files that
// the attacker has put into `inner` would become the victim's /bin.
TEST_F(EscapeVolume, ALinkInTheWayOfANeighboursMountIsNotFollowed) {
  PodRun pod(root_, {write("mv /v/x /v/y; ln -s / /v/x; ln -s " + root_ / "outside" + " /v/link",
                           "{name: shared, mountPath: /v}, {name: inner, mountPath: /v/x/bin}",
                           "echo runs again; ls /bin", "{name: shared, emptyDir: {}}, {name: inner, emptyDir: {}}")});
  ASSERT_TRUE(pod.wait_for_err("victim: started"));
  const PodRecord record = wait_for_state(root_, "default_pod", [](const PodRecord& now) {
    const auto& victim = now.status.containers[1];  // again, it has failed or runs
    return victim.instance >= 1 && (victim.state == ContainerState::Backoff || victim.state == ContainerState::Running);
  });
  const auto last = record.status.containers[1].last.value_or(supervisor::Termination{});
  EXPECT_EQ(last.reason, "StartError");
  EXPECT_TRUE(matches(last.message,
                      "/v/x/bin leads through a link in the volume at /v;.* \\(step [0-9]+ of [0-9]+: attach "
                      ".*/v/x/bin.*: Too many levels of symbolic links\\)"));
  EXPECT_FALSE(holds(pod.out(), "runs again"));
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_EQ(outside(), std::set<std::string>{"secret"}) << "nothing was mounted there, nor removed through the links";
}

TEST_F(EscapeVolume, AMissingWorkingDirectoryIsNotCreatedThroughALink) {
  fs::create_directories(root_ / "shared/there");
  fs::create_directory_symlink("there", root_ / "shared/link");
  fs::create_directory_symlink("/made", root_ / "shared/dangling");
  const auto pod_in = [&](const std::string& directory) {
    return root_.write(
        "directory.yaml",
        manifest(
            "directory",
            {{"c", "pwd; ls -d /made", "workingDir: /v/" + directory + "\nvolumeMounts: [{name: v, mountPath: /v}]"}},
            "restartPolicy: Never\nvolumes: [{name: v, hostPath: {path: " + root_ / "shared" + "}}]"));
  };
  EXPECT_TRUE(holds(run(root_, {pod_in("link")}).out, "c | /v/there\n"));
  EXPECT_TRUE(holds(run(root_, {pod_in("new/one")}).out, "c | /v/new/one\n"));
  const Finished refused = run(root_, {pod_in("dangling")});
  EXPECT_NE(refused.status, 0);
  EXPECT_FALSE(holds(refused.out, "/made\n"));
  EXPECT_TRUE(holds(refused.err, "/v/dangling leads through a link in the volume at /v;")) << refused.err;
}

// The hostPath of one container contains that of the other, so that it may replace it, but not with a link to something
// that neither has.
TEST_F(EscapeVolume, ALinkInTheWayToANeighboursHostPathIsNotFollowed) {
  const std::string shared = root_ / "shared";
  PodRun pod(root_, {write("mv /v/inner /v/former; ln -s " + root_ / "outside" + " /v/inner",
                           "{name: inner, mountPath: /inner}", "ls /inner",
                           "{name: shared, hostPath: {path: " + shared +
                               "}}, {name: inner, hostPath: {path: " + shared + "/inner}}")});
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

TEST_F(EscapeVolume, AHostPathKeepsTheLinkTargetsOfThePodsStart) {
  fs::create_directory_symlink(root_ / "shared", root_ / "link");
  fs::create_directories(root_ / "outside/inner");
  root_.write("outside/inner/secret", "");
  root_.write("shared/inner/mine", "");
  ::mkfifo((root_ / "meeting/go").c_str(), 0600);
  PodRun pod(root_, {write("echo ready; read word < /meeting/go", "{name: inner, mountPath: /inner}", "ls /inner",
                           "{name: shared, hostPath: {path: " + root_ / "shared" +
                               "}}, {name: inner, hostPath: {path: " + root_ / "link/inner" + "}}")});
  ASSERT_TRUE(pod.wait_for_out("attacker | ready"));
  fs::remove(root_ / "link");
  fs::create_directory_symlink(root_ / "outside", root_ / "link");
  EXPECT_TRUE(SupervisorKiller(pod.pid()).kill_next());  // its successor did not see the start
  ASSERT_TRUE(pod.wait_for_err("took over 2 containers"));
  root_.write("meeting/go", "go\n");
  EXPECT_TRUE(pod.wait_for_out("victim   | mine\n"));
  EXPECT_FALSE(holds(pod.out(), "secret"));
}

// The link exists before the pod starts again, and cannot be told from a link of the host.
TEST_F(EscapeVolume, ALinkLeftInAHostPathIsNotFollowedAtTheNextStart) {
  const std::string shared = root_ / "shared";
  const std::string path =
      root_.write("twice.yaml",
                  manifest("twice",
                           {{"c",
                             "cat /inner/secret; echo changed > /inner/secret; mv /v/inner /v/former; ln -s " +
                                 root_ / "outside" + " /v/inner",
                             "volumeMounts: [{name: shared, mountPath: /v}, {name: inner, mountPath: /inner}]"}},
                           "restartPolicy: Never\nvolumes: [{name: shared, hostPath: {path: " + shared +
                               "}}, {name: inner, hostPath: {path: " + shared + "/inner, type: DirectoryOrCreate}}]"));
  const Finished first = run(root_, {path});
  EXPECT_EQ(first.status, 0) << first.err;
  EXPECT_TRUE(holds(first.err, "warning: hostPath " + shared + "/inner lies in that of the volume \"shared\""));
  const std::string sentence = "volume inner: hostPath " + shared + "/inner: " + shared +
                               "/inner is a symbolic link in hostPath " + shared +
                               " (volume shared), which containers can write: it is not followed";
  EXPECT_TRUE(holds(run(root_, {"check", path}).err, ": warning: " + sentence));
  const Finished second = run(root_, {path});
  EXPECT_EQ(second.status, 3);
  EXPECT_TRUE(holds(second.err, ": error: " + sentence + "\n"));
  EXPECT_EQ(second.out, "");
  EXPECT_EQ(supervisor::contents_of(root_ / "outside/secret"), "of the host");
}

TEST_F(EscapeVolume, SpecialFilesOfAnImageAreNotOpened) {
  const std::string rootfs = root_.make_rootfs("image");
  const OpenedFiles opened;
  fs::remove(rootfs + "/etc/passwd");
  fs::remove(rootfs + "/etc/group");
  ASSERT_EQ(::mkfifo((rootfs + "/etc/passwd").c_str(), 0600), 0);
  ASSERT_EQ(::mknod((rootfs + "/etc/group").c_str(), S_IFCHR | 0600, makedev(1, 3)), 0);
  for (const std::string name : {"/etc/passwd", "/etc/group"}) ASSERT_TRUE(opened.watch(rootfs + name));
  const std::string path = root_.write("image.yaml", manifest("image", {{"c", "echo runs", "", "rootfs:" + rootfs}}));
  EXPECT_EQ(run(root_, {"check", path}).status, 0);
  const Finished ran = run(root_, {path});
  EXPECT_EQ(ran.out, "c | runs\n") << ran.err;
  EXPECT_FALSE(opened.any());
}

TEST_F(EscapeVolume, CheckWarnsOfAnImageThatTheHostsUsersCanReach) {
  const std::string rootfs = root_.make_rootfs("image");
  const std::string path =
      root_.write("image.yaml", manifest("image", {{"c", "stat -c %a /", "", "rootfs:" + rootfs}}));
  const std::string hint = "close it: chmod 0700 " + rootfs;
  EXPECT_FALSE(holds(run(root_, {"check", path}).err, hint)) << "nobody reaches the test's own folder";
  ASSERT_EQ(::chmod(root_.path().c_str(), 0755), 0);
  EXPECT_TRUE(holds(run(root_, {"check", path}).err,
                    path + ":9:12: warning: image rootfs:" + rootfs + ": every user of the host can reach"));
  EXPECT_TRUE(holds(run(root_, {"check", path}).err, hint));
  ASSERT_EQ(::chmod(rootfs.c_str(), 0700), 0);
  EXPECT_EQ(run(root_, {"check", path}).err, "");
  EXPECT_EQ(run(root_, {path}).out, "c | 755\n") << "everybody in the container has a root";
}

TEST_F(EscapeVolume, AStartWarnsOfExposedSocketsOnStderrAndInThePodsLog) {
  const std::string path = root_.write(
      "open.yaml",
      manifest("open", {{"c", "exit 0", "volumeMounts: [{name: sockets, mountPath: /run, readOnly: true}]"}},
               "restartPolicy: Never\nvolumes: [{name: sockets, hostPath: {path: " + root_ / "run" + "}}]"));
  const std::string sentence =
      "hostPath " + root_ / "run holds " + root_ / "run/podrun: a container can connect to the sockets";
  fs::create_directories(root_ / "run");
  const Finished started = run(root_, {"-d", path});
  EXPECT_EQ(started.status, 0) << started.err;
  EXPECT_TRUE(matches(started.err, "open.yaml:[0-9]+:[0-9]+: warning: " + sentence));
  std::string log;
  for (const auto& entry : fs::directory_iterator(root_.layout().logs()))
    log += supervisor::contents_of(entry.path() / "podrun.log");
  EXPECT_TRUE(holds(log, "volume sockets: " + sentence));
}

}  // namespace
}  // namespace podrun::test

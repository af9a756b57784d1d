// Attacks of a single container: system calls that are denied, and resources of the caller of podrun that are out of
// reach.
//
// Other attacks are in the other escape_… tests: two containers together or against each other (pair), links of images
// (mount_target) and on volumes (volume), and podrun's own program (program).
#include <fcntl.h>
#include <linux/keyctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <map>
#include <regex>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

/// A pod with one container, which runs the probe. The outcome of each attempt is "ok" or the name of an errno.
class Escape : public testing::Test {
 protected:
  std::map<std::string, std::string> outcomes_of(const std::string& words, const std::string& more = "") {
    const std::string fields = "command: [podrun-probe, " + words + "]\n" + more;
    PodRun pod(root_, {root_.write("escape.yaml", manifest("escape", {{"c", "", fields, image_}}))});
    EXPECT_EQ(pod.wait_exit(), 0) << pod.out() << pod.err();
    std::map<std::string, std::string> outcomes;
    const std::regex line("c \\| (.*): (.*)");
    for (const std::string& text : lines_of(pod.out()))
      if (std::smatch found; std::regex_match(text, found, line)) outcomes[found[1]] = found[2];
    return outcomes;
  }

  TemporaryRoot root_;
  std::string image_ = "rootfs:" + root_.make_rootfs("image");
};

const std::map<std::string, std::string> refusals{
    {"chroot", "EPERM"},
    {"pivot_root", "EPERM"},
    {"setns to its own mount namespace", "EPERM"},
    {"setns by pidfd", "EPERM"},
    {"open_by_handle_at", "EPERM"},
    {"a way up from /", "ENOENT"},
    {"a way up from a descriptor", "ENOENT"},
    {"unshare user", "EPERM"},
    {"unshare mnt", "EPERM"},
    {"unshare pid", "EPERM"},
    {"clone user", "EPERM"},
    {"mount", "EPERM"},
    {"remount /proc read-write", "EPERM"},
    {"umount a mask", "EPERM"},
    {"mount_setattr", "EPERM"},
    {"move_mount", "EPERM"},
    {"open_tree", "EPERM"},
    {"fsopen", "EPERM"},
    {"mknod of a disk", "EPERM"},
    {"mknod of memory", "EPERM"},
    {"write /proc/sys/kernel/core_pattern", "EROFS"},
    {"write /proc/sysrq-trigger", "EROFS|ENOENT"},
    {"write /sys/kernel/uevent_helper", "EROFS|ENOENT"},
    {"read /proc/kcore", "ENODATA|ENOENT"},
    {"sethostname", "EPERM"},
    {"clock_settime", "EPERM"},
    {"acct", "EPERM|ENOSYS"},
    {"swapoff", "EPERM|ENOSYS"},
    {"kexec_load", "EPERM|ENOSYS"},
    {"forget the kernel's messages", "EPERM|ENOSYS"},
    {"reboot", "EPERM"},
    {"init_module", "EPERM|ENOSYS"},
    {"bpf", "EPERM|ENOSYS"},
    {"add_key", "EPERM"},
    {"request_key", "EPERM"},
    {"keyctl", "EPERM"},
    {"take a descriptor", "EPERM"},
    {"open the terminal", "ENXIO"},
};

TEST_F(Escape, EveryWayOutIsRefusedWithTheDefaultCapabilities) {
  const auto outcomes = outcomes_of("try-everything");
  EXPECT_EQ(outcomes.size(), refusals.size());
  for (const auto& [attempt, refusal] : refusals)
    EXPECT_TRUE(outcomes.contains(attempt) && std::regex_match(outcomes.at(attempt), std::regex(refusal)))
        << attempt << ": " << (outcomes.contains(attempt) ? outcomes.at(attempt) : "was not made");
}

TEST_F(Escape, EveryWayOutIsRefusedWithoutPrivilegeEscalation) {
  const auto outcomes =
      outcomes_of("try-everything", "securityContext: {allowPrivilegeEscalation: false, runAsUser: 1000}");
  EXPECT_EQ(outcomes.size(), refusals.size());
  for (const auto& [attempt, refusal] : refusals) {
    ASSERT_TRUE(outcomes.contains(attempt)) << attempt << " was not made";
    EXPECT_NE(outcomes.at(attempt), "ok") << attempt;
  }
}

TEST_F(Escape, ASignalToAContainersGroupReachesNobodyOutside) {
  ASSERT_EQ(::mkfifo((root_ / "go").c_str(), 0600), 0);
  const std::string volume = "volumeMounts: [{name: go, mountPath: /go}]";
  const std::string path = root_.write(
      "escape.yaml",
      manifest("escape",
               {{"c", "read word < /go\nexec podrun-probe signal-group", volume, image_},
                {"neighbour", until_stopped, "", image_}},
               "restartPolicy: Never\nvolumes: [{name: go, hostPath: {path: " + root_ / "go" + "}}]"));
  PodRun pod(root_, {path});
  ASSERT_TRUE(pod.wait_for_err("neighbour: started"));
  const Processes before = processes_of(root_, "default_escape");
  root_.write("go", "go\n");
  ASSERT_TRUE(pod.wait_for_err("c: exited with 0"));
  EXPECT_TRUE(holds(pod.out(), "| kill its group: ok"));
  for (const pid_t pid : {before.pause, before.supervisor, before["neighbour"]})
    EXPECT_TRUE(is_active(pid)) << comm_of(pid);
  EXPECT_FALSE(holds(pod.err(), "neighbour: exited"));
}

// CVE-2024-21626: a working directory /proc/self/fd/N leads to a directory of the host that is open while the container
// is set up. The image or a volume can have such a link, too: here the first instance makes it for the second one.
TEST_F(Escape, AWorkingDirectoryLinkedIntoProcIsRefused) {
  const std::string fields = "workingDir: /work/here\nvolumeMounts: [{name: work, mountPath: /work}]";
  const std::string script = "test $PWD = /work/here || echo it followed\n"
                             "cd / && rmdir /work/here && ln -s /proc/self/cwd /work/here && exit 1";
  PodRun pod(root_, {root_.write("escape.yaml", manifest("escape", {{"c", script, fields, image_}},
                                                         "restartPolicy: OnFailure\n"
                                                         "volumes: [{name: work, emptyDir: {}}]"))});
  EXPECT_TRUE(pod.wait_for_err("chdir /work/here: Too many levels of symbolic links")) << pod.out();
  EXPECT_FALSE(holds(pod.out(), "it followed"));
}

// The container knows the pids of the host, and tries them.
TEST_F(Escape, ProcessesOutsideTheContainerCannotBeReached) {
  ASSERT_EQ(::mkfifo((root_ / "go").c_str(), 0600), 0);
  const std::string fields = "command: [podrun-probe, reach, /go]\nvolumeMounts: [{name: go, mountPath: /go}]";
  PodRun pod(
      root_,
      {root_.write("escape.yaml",
                   manifest("escape", {{"c", "", fields, image_}, {"neighbour", until_stopped}},
                            "restartPolicy: Never\nvolumes: [{name: go, hostPath: {path: " + root_ / "go" + "}}]"))});
  ASSERT_TRUE(pod.wait_for_err(": started (pid", 2));
  const Processes others = processes_of(root_, "default_escape");
  const std::map<std::string, pid_t> targets{{"pause", others.pause},
                                             {"supervisor", others.supervisor},
                                             {"neighbour", others["neighbour"]},
                                             {"host", ::getpid()}};
  std::string words;
  for (const auto& [name, pid] : targets) words += name + " " + std::to_string(pid) + "\n";
  root_.write("go", words);
  ASSERT_TRUE(pod.wait_for_err("c: exited with 0"));
  EXPECT_TRUE(holds(pod.out(), "| processes: 1\n"));
  EXPECT_TRUE(holds(pod.out(), "| parent: 0\n"));
  for (const auto& [name, pid] : targets) {
    for (const std::string attempt : {"signal", "pidfd_open", "ptrace", "process_vm_readv", "process_vm_writev"})
      EXPECT_TRUE(holds(pod.out(), "| " + name + " " + attempt + ": ESRCH\n"));
    EXPECT_TRUE(matches(pod.out(), "\\| " + name + " kcmp: (ESRCH|ENOSYS)\n"));
    for (const std::string file : {"root", "cwd", "fd", "mem", "ns/mnt"})
      EXPECT_TRUE(holds(pod.out(), "| " + name + " " + file + ": ENOENT\n"));
  }
}

TEST_F(Escape, TheHostsAbstractSocketsAreOutOfReach) {
  const std::string name = "podrun-test-" + std::to_string(::getpid());
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  name.copy(address.sun_path + 1, sizeof address.sun_path - 1);
  const auto length = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  const Fd listener(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  ASSERT_EQ(::bind(listener.get(), reinterpret_cast<const sockaddr*>(&address), length), 0);
  ASSERT_EQ(::listen(listener.get(), 1), 0);
  EXPECT_EQ(outcomes_of("call-host, " + name), (std::map<std::string, std::string>{{"connect", "ECONNREFUSED"}}));
}

// There is no namespace for keyrings: those of root in a container are those of the host.
TEST_F(Escape, TheCallersKeyringsAreOutOfReach) {
  const long own = ::syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, "podrun-test");
  if (own < 0 && errno == ENOSYS) GTEST_SKIP() << "this kernel has no keyrings";
  const long key = ::syscall(SYS_add_key, "user", "podrun-secret", "secret", 6, KEY_SPEC_SESSION_KEYRING);
  ASSERT_GE(key, 0);
  ASSERT_EQ(::syscall(SYS_keyctl, KEYCTL_LINK, key, KEY_SPEC_USER_KEYRING), 0);
  const auto outcomes = outcomes_of("read-key, '" + std::to_string(key) + "', podrun-secret");
  EXPECT_EQ(outcomes,
            (std::map<std::string, std::string>{
                {"find the session's key", "EPERM"}, {"find the user's key", "EPERM"}, {"read the key", "EPERM"}}));
  EXPECT_EQ(::syscall(SYS_keyctl, KEYCTL_UNLINK, key, KEY_SPEC_USER_KEYRING), 0);
}

}  // namespace
}  // namespace podrun::test

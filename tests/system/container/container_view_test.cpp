// The view of a container, as podrun-pod(5) describes it: /proc, /sys, /dev, the pod's files and the environment.
#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "pod/compile/compile.hpp"
#include "tests/system/support/container_view.hpp"

namespace podrun::test {
namespace {

using Lines = std::vector<std::string>;

/// A command that tries to open a file for writing and prints the error.
std::string open_for_writing(const std::string& path) {
  return "(: >> " + path + ") 2>&1 | sed 's/.*: //'\n";
}

class ContainerView : public testing::Test {
 protected:
  TemporaryRoot root_;
};

TEST_F(ContainerView, ProcIsReadOnly) {
  std::string script;
  Lines files{"/proc/self/oom_score_adj", "/proc/self/comm", "/proc/sys/kernel/core_pattern"};
  if (root_.facts().sensitive_paths.contains("/proc/sysrq-trigger")) files.push_back("/proc/sysrq-trigger");
  for (const auto& file : files) script += open_for_writing(file);
  EXPECT_EQ(lines_seen(root_, {.script = script}), Lines(files.size(), "Read-only file system"));
}

TEST_F(ContainerView, MaskedPathsHaveNoContent) {
  std::string script, names;
  for (const auto& path : pod::mask_candidates())
    if (root_.facts().sensitive_paths.contains(path)) {
      script += fmt::format("if [ -d {0} ]; then ls -A {0}; else head -c 1 {0}; fi\n", path);
      names += path + " ";
    }
  EXPECT_NE(names, "") << "a host without one of them shows nothing";
  EXPECT_EQ(seen(root_, {.script = script}), "") << names;
}

TEST_F(ContainerView, SysIsReadOnly) {
  EXPECT_EQ(seen(root_, {.script = "(mkdir /sys/kernel/mine) 2>&1 | sed 's/.*: //'\n" +
                                   open_for_writing("/sys/kernel/uevent_seqnum")}),
            "Read-only file system\nRead-only file system");
}

TEST_F(ContainerView, DevHoldsTheUsualNodesAndLinks) {
  const Lines found = lines_seen(root_, {.script = "cd /dev\n"
                                                   "for n in *; do\n"
                                                   "  if [ -L $n ]; then echo $n to $(readlink $n)\n"
                                                   "  elif [ -c $n ]; then stat -c '%n %t:%T %a' $n\n"
                                                   "  else stat -c '%n %F %a' $n; fi\n"
                                                   "done\n"});
  EXPECT_EQ(found, (Lines{"fd to /proc/self/fd", "full 1:7 666", "mqueue directory 1777", "null 1:3 666",
                          "ptmx to pts/ptmx", "pts directory 755", "random 1:8 666", "shm directory 1777",
                          "stderr to /proc/self/fd/2", "stdin to /proc/self/fd/0",
                          "stdout to /proc/self/fd/1", "termination-log regular empty file 666", "tty 5:0 666",
                          "urandom 1:9 666", "zero 1:5 666"}));
}

TEST_F(ContainerView, APseudoTerminalCanBeOpened) {
  EXPECT_EQ(seen(root_, {.script = "exec 3<>/dev/ptmx && ls /dev/pts"}), "0\nptmx");
}

TEST_F(ContainerView, SharedMemoryIsThePodsAnd64MiB) {
  PodRun pod(
      root_,
      {root_.write("shm.yaml",
                   manifest("shm", {{"a", "mkfifo /dev/shm/f\necho through shared memory > /dev/shm/f"},
                                    {"b", "mkfifo /dev/shm/f\ncat /dev/shm/f; df -k /dev/shm | tail -1"}}))});
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_TRUE(pod.wait_for_out("b | through shared memory"));
  EXPECT_TRUE(pod.wait_for_out(" 65536 "));
}

TEST_F(ContainerView, MessageQueuesAreThePods) {
  PodRun pod(
      root_,
      {root_.write("mq.yaml",
                   manifest("mq", {{"a", "touch /dev/mqueue/q; mkfifo /dev/shm/f\necho > /dev/shm/f"},
                                   {"b", "mkfifo /dev/shm/f; read line < /dev/shm/f\nls /dev/mqueue"}}))});
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_TRUE(pod.wait_for_out("b | q"));
}

TEST_F(ContainerView, TheHostsFileHostnameAndResolvConfAreThePods) {
  const Lines lines = lines_seen(
      root_, {.script = "hostname; cat /etc/hostname; cat /etc/hosts; echo ---; cat /etc/resolv.conf",
              .spec = "hostname: other"});
  ASSERT_GE(lines.size(), 2U);
  EXPECT_EQ(lines[0], "other");
  EXPECT_EQ(lines[1], "other");
  EXPECT_NE(std::ranges::find(lines, "127.0.0.1\tlocalhost"), lines.end());
  const auto ends_with_name = [](const std::string& line) { return line.ends_with("\tother"); };
  EXPECT_EQ(std::ranges::count_if(lines, ends_with_name), 1) << "its IPv4 address: the host has no other here";
  EXPECT_EQ(std::ranges::find(lines, "127.0.0.1\tother"), lines.end());
  const Lines resolv(std::next(std::ranges::find(lines, "---")), lines.end());
  EXPECT_TRUE(resolv.at(0).starts_with("search default.svc.cluster.local svc.cluster.local cluster.local"));
  EXPECT_EQ(resolv.at(1), "nameserver 169.254.77.53") << "that of the pod alone";
  EXPECT_EQ(resolv.at(2), "options ndots:5");
  EXPECT_EQ(resolv.size(), 3U);
}

TEST_F(ContainerView, WithoutANetworkTheNameIsThatOfLoopbackAndResolvConfIsTheHosts) {
  const Lines lines = lines_seen(root_, {.script = "cat /etc/hosts; echo ---; cat /etc/resolv.conf",
                                         .annotations = "podrun.io/network: none"});
  EXPECT_NE(std::ranges::find(lines, "127.0.0.1\tview"), lines.end());
  const Lines resolv(std::next(std::ranges::find(lines, "---")), lines.end());
  EXPECT_EQ(resolv, lines_of(contents_of("/etc/resolv.conf")));
}

TEST_F(ContainerView, TheHostnameIsThePodsNameByDefault) {
  EXPECT_EQ(seen(root_, {.script = "hostname"}), "view");
}

TEST_F(ContainerView, TheLoopbackInterfaceAndThePodsAreThereAndUp) {
  const std::string script = "ls /sys/class/net; ifconfig | grep -o 'UP [A-Z]*'";
  EXPECT_EQ(seen(root_, {.script = script}), "eth0\nlo\nUP BROADCAST\nUP LOOPBACK");
  EXPECT_EQ(seen(root_, {.script = script, .annotations = "podrun.io/network: none"}), "lo\nUP LOOPBACK");
}

TEST_F(ContainerView, TheUmaskIs0022) {
  EXPECT_EQ(seen(root_, {.script = "umask"}), "0022");
}

TEST_F(ContainerView, TheEnvironmentHoldsNothingOfTheCallers) {
  Lines found = lines_seen(root_,
                           {.script = "",
                            .fields = "command: [env]\nenv:\n- name: MINE\n  value: from the manifest\n"
                                      "- name: TWICE\n  value: $(MINE), twice\n"},
                           {.environment = {{"CALLERS", "secret"}, {"HOME", "/callers"}}});
  std::ranges::sort(found);
  EXPECT_EQ(found, (Lines{"HOME=/root", "HOSTNAME=view", "MINE=from the manifest",
                          "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
                          "TWICE=from the manifest, twice"}));
}

TEST_F(ContainerView, HomeIsThatOfTheUser) {
  EXPECT_EQ(seen(root_, {.script = "echo $HOME", .fields = "securityContext: {runAsUser: 1000}"}), "/srv");
}

TEST_F(ContainerView, AContainerHasOnlyDescriptors0To2) {
  const Fd callers(::dup(STDOUT_FILENO));
  PodRun pod(root_, {root_.write("pod.yaml", two_sleepers("two"))}, {.inherit = {callers.get()}});
  ASSERT_TRUE(pod.wait_for_err("started (pid", 2));
  for (const auto& [name, container] : processes_of(root_, "default_two").containers) {
    const auto descriptors = descriptors_of(container);
    ASSERT_EQ(descriptors.size(), 3U) << name << ": the last is " << descriptors.rbegin()->second;
    EXPECT_TRUE(descriptors.at(0).ends_with("/dev/null"));
    EXPECT_TRUE(descriptors.at(1).starts_with("pipe:"));
    EXPECT_TRUE(descriptors.at(2).starts_with("pipe:"));
  }
}

TEST_F(ContainerView, TheWorkingDirectoryIsTheManifestsAndMadeIfMissing) {
  EXPECT_EQ(seen(root_, {.script = "pwd", .fields = "workingDir: /not/yet/there"}), "/not/yet/there");
  EXPECT_EQ(seen(root_, {.script = "pwd"}), "/");
}

TEST_F(ContainerView, AContainerHasACgroupOfItsOwn) {
  EXPECT_EQ(seen(root_, {.script = "grep ^0:: /proc/self/cgroup"}),
            "0::/" + root_.cgroup_base() + "/default_view/c");
}

TEST_F(ContainerView, StdoutCanBeOpenedByAUserOtherThanRoot) {
  EXPECT_EQ(seen(root_, {.script = "echo to stdout > /dev/stdout; echo to stderr > /dev/stderr",
                         .fields = "securityContext: {runAsUser: 1000}"}),
            "to stdout\nto stderr");
}

TEST_F(ContainerView, SignalsHaveTheirDefaults) {
  EXPECT_EQ(
      seen(root_, {.script = "", .fields = "command: [grep, -E, '^Sig(Blk|Ign|Cgt)', /proc/self/status]"}),
      "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nSigCgt:\t0000000000000000");
}

}  // namespace
}  // namespace podrun::test

// `podrun debug`: a program of another image in a container's namespaces. Nothing of it is left.
#include <algorithm>

#include "tests/system/support/entered_pod.hpp"

namespace podrun::test {
namespace {

class Debug : public EnteredPod {
 protected:
  std::vector<std::string> words(const std::string& target, const std::string& text,
                                 const std::string& options = "-i") const {
    return {"debug", options, target, "--image", "localhost/busybox", "--", "sh", "-c", text};
  }
};

TEST_F(Debug, ADebuggerSharesTheNamespacesButHasItsOwnRoot) {
  PodRun client(root_, words("two/a", "echo here; while :; do sleep 100000; done"));
  ASSERT_TRUE(client.wait_for_out("here"));
  const pid_t command = command_of(client), container = pod_["a"];
  const auto ids = namespaces_of(command), theirs = namespaces_of(container);
  for (std::size_t kind = 0; kind < ids.size(); ++kind)
    EXPECT_EQ(ids[kind] == theirs[kind], static_cast<pod::NamespaceKind>(kind) != pod::NamespaceKind::Mnt)
        << pod::namespace_names[kind];
  EXPECT_NE(root_of(command), root_of(container));
  EXPECT_EQ(group_of(command), group_of(container) + "/cmd-0");
  EXPECT_EQ(status_of(command, "CapBnd"), status_of(container, "CapBnd"));
  EXPECT_EQ(descriptors_of(command).size(), 3U);
  // It sees nothing of the host and of other containers, and /proc is read-only as theirs is.
  const auto mounts = mounts_of(command);
  EXPECT_EQ(std::ranges::count(mounts, "overlay", &MountLine::type), 1);
  EXPECT_EQ(mounts.front().point, "/");
  EXPECT_TRUE(mount_at(mounts, "/proc").has("ro"));
}

TEST_F(Debug, ADebuggerSeesTheContainersProcesses) {
  const Finished ended =
      run(root_, words("two/b", "ps -o pid,args; id -u; ls /bin/podrun-probe; touch /x && echo wrote; exit 3"));
  EXPECT_EQ(ended.status, 3);
  EXPECT_TRUE(matches(ended.out, "\\b1 sleep 100000\n"));
  EXPECT_TRUE(matches(ended.out, "\n0\nwrote\n"));
}

TEST_F(Debug, ADebuggerHasATerminalInItsOwnRoot) {
  PodRun client(root_, words("two/a", "tty; ls /dev/pts", "-it"), {.terminal = true});
  EXPECT_EQ(client.wait_exit(), 0);
  EXPECT_EQ(client.out(), "/dev/pts/0\r\n0     ptmx\r\n");
}

TEST_F(Debug, TheImagesCommandRunsWhenNoneIsGiven) {
  PodRun client(root_, {"debug", "-it", "two/a", "--image", "localhost/busybox"}, {.terminal = true});
  ASSERT_TRUE(client.wait_for_out("# "));
  client.type("exit 4\r");
  EXPECT_EQ(client.wait_exit(), 4);
}

TEST_F(Debug, ADebuggerLeavesNothing) {
  const HostSnapshot before = snapshot(root_);
  const auto mounts = mounts_of(pod_.pause);
  EXPECT_EQ(run(root_, words("two/a", "true")).status, 0);
  EXPECT_EQ(run(root_, {"debug", "two/a", "--image", "localhost/busybox", "--", "nope"}).status, 127);
  const Finished unknown = run(root_, {"debug", "two/a", "--image", "no/such"});
  EXPECT_EQ(unknown.status, 125);
  EXPECT_TRUE(holds(unknown.err, "no/such"));
  EXPECT_EQ(additions(before, snapshot(root_)), "");
  EXPECT_EQ(mounts_of(pod_.pause).size(), mounts.size());
}

}  // namespace
}  // namespace podrun::test

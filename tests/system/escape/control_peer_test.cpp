// Processes of the host may control a pod. Containers may not, even if they can reach the control socket.
#include <sys/mount.h>

#include "tests/system/support/mount_namespace.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

class ControlPeer : public testing::Test {
 protected:
  /// The manifest of a pod whose container sees the host's /run and sends REQUEST to the control socket of the victim.
  std::string attacker(const std::string& request, const std::string& spec = "", const std::string& fields = "") {
    const std::string command = "command: [podrun-probe, command, /r/podrun/default_victim/control, '" + request +
                                "']\nvolumeMounts: [{name: r, mountPath: /r, readOnly: true}]\n" + fields;
    return root_.write(
        "attacker.yaml",
        manifest("attacker", {{"a", "", command, "rootfs:" + image_}},
                 "restartPolicy: Never\n" + spec + "\nvolumes: [{name: r, hostPath: {path: " + root_ / "run" + "}}]"));
  }
  std::string victim() {
    const std::string script = "trap 'exit 0' TERM\nwhile :; do echo ready; sleep 0.1; done";
    return root_.write("victim.yaml", manifest("victim", {{"v", script}}));
  }

  TemporaryRoot root_;
  std::string image_ = root_.make_rootfs("image");
};

TEST_F(ControlPeer, AContainersRequestOnTheControlSocketIsRefused) {
  PodRun pod(root_, {victim()});
  ASSERT_TRUE(pod.wait_for_out("ready"));
  for (const std::string request : {"attach v", "attach v input", "stop 0"})
    for (const std::string spec : {"", "hostPID: true", "hostNetwork: true", "shareProcessNamespace: true"}) {
      const Finished ended = run(root_, {attacker(request, spec)});
      const std::string refused = request + ": the control socket: not allowed; descriptors: none\n";
      EXPECT_TRUE(holds(ended.out, "a | connect: ok\na | " + refused)) << spec << ended.err;
    }
  const Finished privileged = run(root_, {attacker("stop 0", "hostPID: true", "securityContext: {privileged: true}")});
  EXPECT_TRUE(holds(privileged.out, "not allowed"));
  const Finished user = run(root_, {attacker("stop 0", "", "securityContext: {runAsUser: 1000}")});
  EXPECT_TRUE(holds(user.out, "connect: EACCES"));
  EXPECT_TRUE(pod.wait_for_err("control socket: a request was not allowed: process "));
  EXPECT_TRUE(is_active(processes_of(root_, "default_victim")["v"])) << "it runs on";
  EXPECT_EQ(run(root_, {"stop", "victim"}).status, 0);
  EXPECT_EQ(pod.wait_exit(), 0);
  EXPECT_TRUE(matches(pod.err(), "not allowed: process [0-9]+ is in another (PID|mount) namespace\n"));
  EXPECT_FALSE(matches(pod.err(), "not allowed[^]*not allowed")) << "many of them do not fill the log";
}

TEST_F(ControlPeer, ACallerControlsAPodOfItsOwnMountNamespace) {
  const MountNamespace callers(MS_PRIVATE, [] { return true; });
  const Setting there{.mount_namespace = callers.fd()};
  const Finished started = run(root_, {"-d", victim()}, there);
  ASSERT_EQ(started.status, 0) << started.err;
  PodRun attached(root_, {"attach", "victim"}, there);
  EXPECT_TRUE(attached.wait_for_out("ready"));
  const Finished stopped = run(root_, {"stop", "victim"}, there);
  EXPECT_EQ(stopped.status, 0) << stopped.err;
  EXPECT_EQ(attached.wait_exit(), 0) << attached.err();
}

}  // namespace
}  // namespace podrun::test

// A container with CAP_SYS_PTRACE sees each process that appears in its PID namespace. It must not find anything of the
// host in podrun's processes, nor use them. The slow tests do the same with 200,000 looks.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

const std::string sees_all = "\nsecurityContext: {capabilities: {add: [SYS_PTRACE]}}";
const std::string secret = "known-to-the-caller-alone";

class NewProcesses : public testing::TestWithParam<int> {
 protected:
  /// The container `watcher`, which inspects each process that appears in its PID namespace.
  ContainerText watcher() const {
    return {"watcher", "",
            fmt::format("command: [podrun-probe, watch-births, '{}', {}, {}]", GetParam(), file_, secret) + sees_all,
            "rootfs:" + image_};
  }
  /// A container that ends at once, again and again.
  ContainerText restarted(const std::string& name) const { return {name, "", "command: ['true']", "rootfs:" + image_}; }

  void start(const std::vector<ContainerText>& containers, const std::string& annotations, const std::string& spec) {
    std::string text = manifest("pod", containers, "restartPolicy: Always\n" + spec);
    text.insert(text.find("spec:"),
                "  annotations: {podrun.io/backoff-initial: 10ms, podrun.io/backoff-max: 10ms" + annotations + "}\n");
    pod_ = std::make_unique<PodRun>(root_, std::vector{root_.write("pod.yaml", text)}, callers_);
    ASSERT_TRUE(pod_->wait_for_out("looking")) << pod_->err();
  }
  bool is_over() const { return pod_->out_so_far().find("looks: ") != std::string::npos; }
  void expect_no_hit() {
    // This takes as long as the looks.
    for (int wait = 0; wait < 30 && !is_over(); ++wait) (void)pod_->wait_for_out("looks: ");
    ASSERT_TRUE(is_over()) << pod_->out();
    EXPECT_TRUE(pod_->wait_for_out("looks: enough, hits: 0")) << pod_->out();
  }
  /// Runs commands in the watcher's PID namespace until it has looked often enough.
  void enter_until_it_is_over(const std::vector<std::string>& words, bool on_terminal) {
    Setting setting = callers_;
    setting.terminal = on_terminal;
    for (int entered = 0; !is_over() && entered < 20'000; ++entered) {
      const Finished ended = run(root_, words, setting);
      ASSERT_EQ(ended.status, 0) << ended.err;
    }
    expect_no_hit();
  }

  TemporaryRoot root_;
  std::string image_ = root_.make_rootfs("image");
  std::string file_ = root_.write("hosts-alone", "of the host\n");
  Setting callers_{.environment = {{"SECRET", secret}}};
  std::unique_ptr<PodRun> pod_;
};

TEST_P(NewProcesses, ARestartInASharedPidNamespaceRevealsNoHostData) {
  start({watcher(), restarted("victim")}, "", "shareProcessNamespace: true");
  expect_no_hit();
}

TEST_P(NewProcesses, AJoinerOfAPidNamespaceRevealsNoHostData) {
  start({watcher(), restarted("joiner")}, ", podrun.io/namespaces: 'joiner: pid=container:watcher'", "");
  expect_no_hit();
}

TEST_P(NewProcesses, AnEnteringCommandRevealsNoHostData) {
  start({watcher()}, "", "");
  enter_until_it_is_over({"exec", "pod/watcher", "--", "true"}, false);
}

TEST_P(NewProcesses, AnEnteringCommandOnATerminalRevealsNoHostData) {
  start({watcher()}, "", "");
  enter_until_it_is_over({"exec", "-it", "pod/watcher", "--", "true"}, true);
}

TEST_P(NewProcesses, ADebuggerRevealsNoHostData) {
  start({watcher()}, "", "");
  enter_until_it_is_over({"debug", "pod/watcher", "--image", "localhost/busybox", "--", "true"}, false);
}

INSTANTIATE_TEST_SUITE_P(Few, NewProcesses, testing::Values(2'000));
INSTANTIATE_TEST_SUITE_P(ManyLooksUnderKill, NewProcesses, testing::Values(200'000));

// If the pod's init had all capabilities, a container could use it to mount the host's disks.
TEST(EscapeInit, AContainerThatTracesTheInitGainsNoRights) {
  const TemporaryRoot root;
  const std::string image = "rootfs:" + root.make_rootfs("image");
  PodRun pod(root, {root.write("pod.yaml",
                               manifest("pod",
                                        {{"puppeteer", "podrun-probe puppet 1; echo over", sees_all.substr(1), image},
                                         {"other", until_stopped}},
                                        "shareProcessNamespace: true\nrestartPolicy: Never"))});
  ASSERT_TRUE(pod.wait_for_out("over"));
  if (holds(pod.out(), "attach: ENOSYS")) GTEST_SKIP() << "not written for this architecture";
  for (const std::string refused :
       {"mount: EPERM", "open its root: EPERM", "setuid: EPERM", "execve: EPERM", "kill everyone: EPERM"})
    EXPECT_TRUE(holds(pod.out(), refused)) << refused << " in:\n" << pod.out();
}

}  // namespace
}  // namespace podrun::test

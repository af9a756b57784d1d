// Starts that fail: the message names the step, the status is 3 and nothing is left. A missing program is no such
// failure, but an exit of its container.
#include <dlfcn.h>
#include <link.h>
#include <sys/mount.h>
#include <sys/syscall.h>

#include <filesystem>
#include <fstream>

#include "tests/system/support/failing_call.hpp"
#include "tests/system/support/mount_namespace.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

class FailedStart : public testing::Test {
 protected:
  /// Runs a pod with a container that cannot start and one that could.
  std::string words_of_failure(const ContainerText& container, const std::string& spec = "") {
    const auto before = snapshot(root_);
    const Finished ended =
        run(root_, {root_.write("web.yaml", manifest("web", {{"first", until_stopped}, container}, spec))});
    EXPECT_EQ(ended.status, 3) << ended.err;
    EXPECT_EQ(changes(before, snapshot(root_)), "");
    return ended.err;
  }

  TemporaryRoot root_;
};

TEST_F(FailedStart, AFailureInTheContainersProcessNamesTheStep) {
  const std::string rootfs = root_.make_rootfs("image");
  std::filesystem::remove_all(rootfs + "/proc");
  std::ofstream(rootfs + "/proc") << "a file where a directory must be\n";
  const std::string words =
      words_of_failure({.name = "app", .script = until_stopped, .image = "rootfs:" + rootfs});
  EXPECT_TRUE(matches(words, "web/app: /proc in image rootfs:.* is not a directory "
                             "\\(step [0-9]+ of [0-9]+: mount proc .*/proc.*: Not a directory\\)"));
}

TEST_F(FailedStart, AFailureAtAMountPointNamesTheStep) {
  const std::string rootfs = root_.make_rootfs("image");
  std::ofstream(rootfs + "/data") << "a file where a directory must be\n";
  const std::string words = words_of_failure({.name = "app",
                                              .script = until_stopped,
                                              .fields = "volumeMounts: [{name: v, mountPath: /data/deep}]",
                                              .image = "rootfs:" + rootfs},
                                             "volumes: [{name: v, emptyDir: {}}]");
  EXPECT_TRUE(matches(words, "web/app: volume v at /data/deep: that path is a file in the container.* "
                             "\\(step [0-9]+ of [0-9]+: .*/data/deep.*: Not a directory\\)"));
}

TEST_F(FailedStart, AFailureOnTheHostsSideNamesTheStep) {
  const std::string words = words_of_failure(
      {.name = "app", .script = until_stopped, .fields = "volumeMounts: [{name: v, mountPath: /v, subPath: no/such}]"},
      "volumes: [{name: v, image: {reference: localhost/busybox}}]");
  EXPECT_TRUE(matches(words, "web/app: .*step [0-9]+ of [0-9]+: .*no/such.*: No such file or directory"));
}

TEST_F(FailedStart, AMissingImageIsReportedWithTheSearchedPlaces) {
  const std::string words =
      words_of_failure({.name = "app",
                        .script = until_stopped,
                        .fields = "imagePullPolicy: Never",
                        .image = "example.org/no/such:image"});
  EXPECT_TRUE(holds(words, "example.org/no/such:image"));
  EXPECT_TRUE(holds(words, build_folder + "/images"));
  EXPECT_TRUE(holds(words, root_ / "var/lib/podrun/images"));
}

TEST_F(FailedStart, AMissingRootfsIsNamed) {
  EXPECT_TRUE(
      holds(words_of_failure({.name = "app", .script = until_stopped, .image = "rootfs:/no/such/rootfs"}),
            "/no/such/rootfs"));
}

/// The path at which the dynamic linker finds a library, "" if it does not.
std::string path_of_library(const char* name) {
  void* const library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
  link_map* map = nullptr;
  return library != nullptr && ::dlinfo(library, RTLD_DI_LINKMAP, &map) == 0 ? map->l_name : "";
}

// The processes of the containers exist already when this fails.
TEST_F(FailedStart, AStartWithoutItsEventLoopLeavesNothing) {
  const auto before = snapshot(root_);
  const std::string path =
      root_.write("web.yaml", manifest("web", {{"first", until_stopped}, {"second", until_stopped}}));
  {
    FailingCall failing({.caller = Caller::Supervisor, .number = SYS_epoll_create1}, EMFILE);
    const Finished ended = run(root_, {path}, {.failing = &failing});
    EXPECT_TRUE(failing.has_failed());
    EXPECT_EQ(ended.status, 3);
    EXPECT_TRUE(holds(ended.err, "event loop: Too many open files")) << ended.err;
  }
  EXPECT_EQ(changes(before, snapshot(root_)), "");
}

TEST(Libsystemd, APodThatNoSystemdStartedRunsWithoutIt) {
  const std::string libsystemd = path_of_library("libsystemd.so.0");
  ASSERT_NE(libsystemd, "");
  const MountNamespace host(MS_PRIVATE, [&] {
    return ::mount("/dev/null", libsystemd.c_str(), nullptr, MS_BIND, nullptr) == 0;
  });
  TemporaryRoot root;
  const Finished ended =
      run(root, {root.write("web.yaml", manifest("web", {{"app", "echo ran"}}))}, {.mount_namespace = host.fd()});
  EXPECT_EQ(ended.status, 0) << ended.err;
}

struct Command {
  std::string what;
  std::string program;
  std::string reason;  ///< a regular expression
  std::string error;
};
class StartError : public testing::TestWithParam<Command> {};

TEST_P(StartError, AnUnexecutableCommandIsAStartErrorAndTheNeighbourRunsOn) {
  const Command& command = GetParam();
  TemporaryRoot root;
  PodRun pod(root, {root.write("web.yaml", manifest("web", {{"app", "", "command: [" + command.program + "]"},
                                                            {"neighbour", ready_until_stopped}}))});
  EXPECT_TRUE(pod.wait_for_err("app: did not start: command \"" + command.program + "\": "));
  EXPECT_TRUE(pod.wait_for_err(": " + command.error + ")"));
  EXPECT_TRUE(matches(pod.err(), command.reason)) << pod.err();
  ASSERT_TRUE(pod.wait_for_out("neighbour | ready"));
  const auto state = wait_for_state(
      root, "default_web", [](const auto& record) { return record.status.containers[0].last.has_value(); });
  ASSERT_TRUE(state.status.containers[0].last);
  EXPECT_EQ(state.status.containers[0].last->exit_code, 128);
  EXPECT_EQ(state.status.containers[0].last->reason, "StartError");
  EXPECT_EQ(state.status.containers[1].state, supervisor::ContainerState::Running);
  pod.signal(SIGINT);
  EXPECT_EQ(pod.wait_exit(), 0) << "stopped on request";
}

INSTANTIATE_TEST_SUITE_P(
    OfACommand, StartError,
    testing::Values(Command{"ThatIsNotThere", "/no/such/program", "the container has no such file",
                            "No such file or directory"},
                    Command{"ThatIsNotInThePath", "nosuchprogram",
                            "the container does not have it in PATH \\(/.*/bin\\)", "No such file or directory"},
                    Command{"ThatIsNoProgram", "/etc/passwd", "it is not executable \\(mode 0644, owner 0\\)",
                            "Permission denied"},
                    Command{"ThatIsADirectory", "/tmp", "it is a directory", "Permission denied"}),
    [](const auto& of) { return of.param.what; });

TEST(PodStartError, APodWhoseOnlyContainerCannotStartFails) {
  TemporaryRoot root;
  const Finished ended =
      run(root, {root.write("web.yaml", manifest("web", {{"app", "", "command: [/no/such/program]"}}))});
  EXPECT_EQ(ended.status, 1) << ended.err;
}

// Killed by the out-of-memory killer or by a user, it closes its report socket like a process that has executed its
// program.
TEST(StartErrorByKill, AContainerKilledBeforeItsExecDidNotStart) {
  TemporaryRoot root;
  FailingCall kill({.caller = Caller::Child, .number = SYS_execve, .container = "app"}, FailingCall::killed);
  PodRun pod(root, {root.write("web.yaml", manifest("web", {{"app", "echo ran"}}))}, {.failing = &kill});
  EXPECT_EQ(pod.wait_exit(), 1);
  EXPECT_TRUE(kill.has_failed());
  EXPECT_TRUE(holds(pod.err(), "app: did not start: killed before its program began"));
  EXPECT_EQ(pod.out(), "");
}

}  // namespace
}  // namespace podrun::test

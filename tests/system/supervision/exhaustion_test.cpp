// The machine has no process ids, descriptors or space left, or the image is gone. A start then fails and leaves
// nothing. A restart fails with StartError and is tried again.
#include <fcntl.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "tests/system/support/failing_call.hpp"
#include "tests/system/support/mount_namespace.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using supervisor::ContainerState;
using supervisor::PodRecord;

class Exhaustion : public testing::Test {
 protected:
  /// A pod that ends at once, and whose containers fork no processes.
  std::string short_pod() {
    const std::string image = "rootfs:" + root_.make_rootfs("image");
    const std::string command = "command: [podrun-probe, exit, '0']";
    return root_.write("pod.yaml", manifest("pod", {{"a", "", command, image}, {"b", "", command, image}}));
  }

  /// A pod whose container `a` ends when the test writes to the FIFO go. `b` does not end.
  std::string pod_that_waits(const std::string& image) {
    ::mkfifo((root_ / "go").c_str(), 0600);
    const std::string mount = "volumeMounts: [{name: go, mountPath: /go}]";
    return root_.write(
        "pod.yaml",
        manifest("pod", {{"a", "read word < /go; exit 1", mount, image}, {"b", ready_until_stopped}},
                 "restartPolicy: Always\nvolumes: [{name: go, hostPath: {path: " + root_ / "go" + "}}]"));
  }

  /// Runs a pod. Returns whether it started; if not, it must have failed for this reason and left nothing.
  bool starts(const std::string& path, const std::string& reason, const Setting& setting) {
    const HostSnapshot before = snapshot(root_);
    const Finished pod = run(root_, {path}, setting);
    EXPECT_TRUE(pod.status == 3 || pod.status == 0) << pod.status << "\n" << pod.err;
    const bool started = pod.status != 3;
    EXPECT_TRUE(started || matches(pod.err, "podrun: [^\n]*" + reason + "\\)?\n$")) << pod.err;
    EXPECT_EQ(changes(before, snapshot(root_)), "");
    return started;
  }

  /// Waits until a restart of container `a` has failed, and returns the record.
  PodRecord failed_restart(PodRun& pod) {
    EXPECT_TRUE(pod.wait_for_err("a: did not start: "));
    return wait_for_state(root_, "default_pod", [](const PodRecord& now) {
      return now.status.containers[0].state == ContainerState::Backoff;
    });
  }

  static void is_start_error(const PodRecord& record, const std::string& words) {
    const auto& last = record.status.containers.at(0).last;
    ASSERT_TRUE(last);
    EXPECT_EQ(last->exit_code, 128);
    EXPECT_EQ(last->reason, "StartError");
    EXPECT_TRUE(holds(last->message, words));
    EXPECT_EQ(record.status.containers.at(1).state, ContainerState::Running) << "the neighbour runs on";
  }

  TemporaryRoot root_;
};

// ---- process ids ----

/// A control group with a limit of processes. It needs the pids controller of cgroup v1.
class FewProcesses {
 public:
  explicit FewProcesses(int most)
      : path_(fmt::format("/sys/fs/cgroup/pids/podrun-test-{}-{}", ::getpid(), most)) {
    ::mkdir(path_.c_str(), 0755);
    std::ofstream(path_ + "/pids.max") << most << "\n";
  }
  FewProcesses(const FewProcesses&) = delete;
  FewProcesses& operator=(const FewProcesses&) = delete;
  ~FewProcesses() { ::rmdir(path_.c_str()); }

  static bool can_be() { return fs::exists("/sys/fs/cgroup/pids/cgroup.procs"); }
  /// The setting with which a PodRun joins the group.
  Setting setting() const {
    // The leak check of the sanitizer needs a process, for which there is no id left.
    return {.environment = {{"LSAN_OPTIONS", "detect_leaks=0"}}, .before_exec = [procs = path_ + "/cgroup.procs"] {
      const int file = ::open(procs.c_str(), O_WRONLY | O_CLOEXEC);
      if (::write(file, "0", 1) != 1) ::_exit(126);
      ::close(file);
    }};
  }

 private:
  std::string path_;
};

TEST_F(Exhaustion, AStartWithoutProcessIdsLeavesNothing) {
  if (!FewProcesses::can_be()) GTEST_SKIP() << "the pids controller is not mounted by itself";
  const std::string path = short_pod();
  int failed = 0;
  for (bool started = false; !started; failed += started ? 0 : 1) {
    SCOPED_TRACE(failed + 1);
    ASSERT_LT(failed, 16) << "it never starts";
    const FewProcesses group(failed + 1);  // a new one, because zombies of the last attempt count
    started = starts(path, ": Resource temporarily unavailable", group.setting());
  }
  EXPECT_GE(failed, 3) << "pause, supervisor and two containers are four processes";
}

TEST_F(Exhaustion, ADetachedStartWithoutProcessIdsLeavesNothing) {
  const std::string path = short_pod();
  // The first forks the process that reads the manifest, the second the supervisor.
  for (int fork = 1; fork <= 2; ++fork) {
    const HostSnapshot before = snapshot(root_);
    {
      FailingCall failing({.caller = Caller::First, .number = SYS_clone, .nth = fork}, EAGAIN);
      const Finished pod = run(root_, {"-d", path}, {.failing = &failing});
      EXPECT_EQ(pod.status, 3);
      EXPECT_EQ(pod.out, "");
      EXPECT_TRUE(matches(pod.err, "(fork|clone): Resource temporarily unavailable\n$"));
    }
    EXPECT_EQ(changes(before, snapshot(root_)), "");
  }
}

TEST_F(Exhaustion, ARestartWithoutProcessIdsIsAStartError) {
  // The clones are those of two containers, of the helper that looks for leftovers, and of the second instance.
  FailingCall failing({.caller = Caller::Supervisor, .number = SYS_clone3, .nth = 4}, EAGAIN);
  PodRun pod(root_, {pod_that_waits("localhost/busybox")}, {.failing = &failing});
  ASSERT_TRUE(pod.wait_for_err(": started (pid", 2));
  root_.write("go", "go\n");
  is_start_error(failed_restart(pod), "clone3: Resource temporarily unavailable");
}

// ---- descriptors ----

TEST_F(Exhaustion, AStartWithoutDescriptorsLeavesNothing) {
  const std::string path = short_pod();
  const auto starts_with = [&](rlim_t most) {
    const rlimit few{.rlim_cur = most, .rlim_max = most};
    return starts(path, "(: Too many open files|, and the hard limit is [0-9]+)",
                  {.before_exec = [few] { ::setrlimit(RLIMIT_NOFILE, &few); }});
  };
  // With fewer descriptors the dynamic loader fails, and podrun cannot report that.
  int failed = 0;
  for (rlim_t most = 8; !starts_with(most); most += most < 16 ? 1 : 4) {
    ++failed;
    ASSERT_LT(most, 128U) << "it never starts";
  }
  EXPECT_GT(failed, 3) << "the limits were too high for this test";
}

// ---- space ----

/// A mount namespace in which one directory of the test's root is a small tmpfs.
class SmallDisk {
 public:
  SmallDisk(const std::string& directory, const std::string& options)
      : namespace_(MS_PRIVATE, [&] {
          fs::create_directories(directory);
          return ::mount("small", directory.c_str(), "tmpfs", 0, options.c_str()) == 0;
        }) {}

  Setting setting() const { return {.mount_namespace = namespace_.fd()}; }
  /// Whether pods have left no files.
  bool is_clean(const TemporaryRoot& root, const HostSnapshot& before) const {
    return namespace_.run(
        [&] { return additions(before, snapshot(root)).find("\n+ file") == std::string::npos; });
  }

 private:
  MountNamespace namespace_;
};

TEST_F(Exhaustion, AStartWithoutSpaceForTheStateLeavesNothing) {
  const std::string path = short_pod();
  const HostSnapshot before = snapshot(root_);
  int failed = 0;
  for (bool started = false; !started; failed += started ? 0 : 1) {
    SCOPED_TRACE(failed + 1);
    ASSERT_LT(failed, 32) << "it never starts";
    const SmallDisk disk(root_ / "run", fmt::format("size={}k", 4 * (failed + 1)));
    started = starts(path, ": No space left on device", disk.setting());
    EXPECT_TRUE(disk.is_clean(root_, before));
  }
  EXPECT_GT(failed, 0) << "the smallest disk was too large for this test";
}

TEST_F(Exhaustion, AStartWithoutSpaceForTheLayersLeavesNothing) {
  const std::string path = short_pod();
  const HostSnapshot before = snapshot(root_);
  int failed = 0;
  for (bool started = false; !started; failed += started ? 0 : 1) {
    const int files = 3 + 2 * failed;
    SCOPED_TRACE(files);
    ASSERT_LT(files, 64) << "it never starts";
    const SmallDisk disk(root_.layout().storage(), fmt::format("nr_inodes={}", files));
    started = starts(path, ": No space left on device", disk.setting());
    EXPECT_TRUE(disk.is_clean(root_, before));
  }
  EXPECT_GT(failed, 0) << "the smallest disk was too large for this test";
}

// The first instance uses all the space, so that the second one needs the space of the first.
TEST_F(Exhaustion, ARestartReclaimsTheSpaceOfTheLastInstance) {
  const SmallDisk disk(root_.layout().storage(), "nr_inodes=64");
  const std::string fill = "i=0; while touch /$i; do i=$((i+1)); done 2>/dev/null; exit 1";
  std::string text = manifest("pod", {{"a", fill}}, "restartPolicy: Always");
  text.replace(text.find("metadata:"), 9, "metadata:\n  annotations: {podrun.io/backoff-initial: 200ms}");
  PodRun pod(root_, {root_.write("pod.yaml", text)}, disk.setting());
  ASSERT_TRUE(pod.wait_for_err("a: started (pid", 2));
}

TEST_F(Exhaustion, AStartWithReadOnlyLogsIsRefused) {
  const std::string path = short_pod();
  const HostSnapshot before = snapshot(root_);
  const SmallDisk disk(root_ / "var/log", "ro");
  EXPECT_FALSE(starts(path, ": Read-only file system", disk.setting()));
  EXPECT_TRUE(disk.is_clean(root_, before));
}

// ---- the image ----

TEST_F(Exhaustion, ARestartWithoutItsImageIsAStartError) {
  const std::string image = root_.make_rootfs("image");
  PodRun pod(root_, {pod_that_waits("rootfs:" + image)});
  ASSERT_TRUE(pod.wait_for_err(": started (pid", 2) && pod.wait_for_out("b | ready"));
  fs::remove_all(image);
  root_.write("go", "go\n");
  is_start_error(failed_restart(pod), image + ": No such file or directory");
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0);
}

TEST_F(Exhaustion, AnImageWithoutTheShellIsAStartError) {
  const std::string image = root_ / "bare";
  fs::create_directories(image);
  const std::string path =
      root_.write("pod.yaml", manifest("pod", {{"a", "exit 0", "", "rootfs:" + image}, {"b", until_stopped}},
                                       "restartPolicy: Always"));
  PodRun pod(root_, {path});
  ASSERT_TRUE(pod.wait_for_err("b: started (pid"));
  ASSERT_TRUE(pod.wait_for_err("a: did not start: command \"sh\": the container does not have it in PATH (", 2));
  is_start_error(failed_restart(pod), ": exec sh -c ");
  EXPECT_TRUE(holds(pod.err(), ": No such file or directory); back-off"));
}

}  // namespace
}  // namespace podrun::test

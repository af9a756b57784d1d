// A pod as a unit of systemd.
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>

#include "tests/system/support/supervisor_killer.hpp"
#include "tests/vm/unit.hpp"

namespace podrun::test {
namespace {

/// A pod that runs during all tests, which do not affect it.
class RunningUnit : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    pod_.emplace("running", sleepers("running"));
    ASSERT_TRUE(pod_->start());
  }
  static void TearDownTestSuite() { pod_.reset(); }

  static inline std::optional<Unit> pod_;
  Unit& pod = *pod_;
};

TEST_F(RunningUnit, AUnitIsActiveWhenAllItsContainersRun) {
  EXPECT_EQ(pod.property("ActiveState"), "active");
  EXPECT_EQ(pod.property("SubState"), "running");
  EXPECT_EQ(pod.property("StatusText"), "2 of 2 containers run");
  EXPECT_EQ(comm_of(pod.main_process()), "podrun-pause");
  for (const char* container : {"a", "b"}) EXPECT_EQ(pod.processes(container).size(), 1U) << container;
}

// The unit's group has no processes of its own, so that systemd may enable controllers for the groups below it.
TEST_F(RunningUnit, AUnitsOwnCgroupHasNoProcess) {
  EXPECT_EQ(contents_of(pod.cgroup() + "/cgroup.procs"), "");
  const std::string leaf = "0::" + pod.property("ControlGroup") + "/_podrun\n";
  EXPECT_EQ(proc_file(pod.main_process(), "cgroup"), leaf);
  EXPECT_EQ(proc_file(SupervisorKiller(pod.main_process()).supervisor(), "cgroup"), leaf);
}

TEST_F(RunningUnit, ADaemonReloadDoesNotDisturbAUnit) {
  const auto before = std::tuple(pod.main_process(), pod.processes("a"), pod.processes("b"));
  EXPECT_EQ(command({"/usr/bin/systemctl", "daemon-reload"}).status, 0);
  EXPECT_EQ(command({"/usr/bin/systemctl", "daemon-reexec"}).status, 0);
  EXPECT_EQ(pod.property("SubState"), "running");
  EXPECT_EQ(pod.property("NRestarts"), "0");
  EXPECT_EQ(std::tuple(pod.main_process(), pod.processes("a"), pod.processes("b")), before);
}

/// A process in a control group sends TEXT to systemd in its own name. It lives until the returned guard is destroyed.
class NotifySpoofer {
 public:
  NotifySpoofer(const std::string& cgroup, const std::string& text) {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    Fd until(ends[0]);
    guard_ = Fd(ends[1]);
    child_ = ::fork();
    if (child_ != 0) return;
    guard_.reset();
    std::ofstream(cgroup + "/cgroup.procs") << "0" << std::flush;
    sockaddr_un systemd{.sun_family = AF_UNIX, .sun_path = "/run/systemd/notify"};
    const Fd socket(::socket(AF_UNIX, SOCK_DGRAM, 0));
    (void)!::sendto(socket.get(), text.data(), text.size(), 0, reinterpret_cast<sockaddr*>(&systemd),
                    sizeof systemd);
    char byte;
    (void)!::read(until.get(), &byte, 1);
    ::_exit(0);
  }
  ~NotifySpoofer() {
    guard_.reset();
    (void)::waitpid(child_, nullptr, 0);
  }

 private:
  Fd guard_;
  pid_t child_;
};

TEST_F(RunningUnit, AContainerCannotNotifySystemdForItsUnit) {
  const NotifySpoofer spoofer(pod.container_cgroup("a"), "STATUS=Everything is fine\nSTOPPING=1\nMAINPID=1");
  EXPECT_TRUE(pod.wait_for_journal("reception only permitted for main PID"));
  EXPECT_EQ(pod.property("StatusText"), "2 of 2 containers run");
  EXPECT_EQ(pod.property("SubState"), "running");
}

TEST(Systemd, AnInvalidManifestFailsItsUnitWithoutARestart) {
  Unit pod("mistake", manifest("mistake", {{"a", "exit"}}, "restartPolicies: Never"));
  EXPECT_NE(pod.systemctl("start").status, 0);
  EXPECT_EQ(pod.property("ActiveState"), "failed");
  EXPECT_EQ(pod.property("Result"), "exit-code");
  EXPECT_EQ(pod.property("ExecMainStatus"), "2");
  EXPECT_EQ(pod.property("NRestarts"), "0");
  EXPECT_TRUE(holds(pod.journal(), "restartPolicies"));
}

TEST(Systemd, AFailedPodStaysFailed) {
  Unit pod("fails", manifest("fails", {{"a", "exit 7"}}));
  (void)pod.systemctl("start");
  EXPECT_TRUE(pod.wait_for_journal("Failed with result 'exit-code'"));
  EXPECT_EQ(pod.property("ActiveState"), "failed");
  EXPECT_EQ(pod.property("ExecMainStatus"), "1");
  EXPECT_EQ(pod.property("NRestarts"), "0");
}

TEST(Systemd, TheHostSeesNoneOfThePodsMounts) {
  const auto units = [] {
    return command({"/usr/bin/systemctl", "list-units", "--type=mount", "--no-legend"}).out;
  };
  const std::string mounts = proc_file(1, "mountinfo"), mount_units = units();
  Unit pod("mounts",
           manifest("mounts",
                    {{"a", "mount | grep -q ' /etc-of-host ' && exec sleep 1000",
                      "volumeMounts: [{name: etc, mountPath: /etc-of-host}, {name: own, mountPath: /own}]"}},
                    at_once + "\nvolumes: [{name: etc, hostPath: {path: /etc}}, {name: own, emptyDir: {}}]"));
  ASSERT_TRUE(pod.start());
  EXPECT_EQ(pod.property("SubState"), "running");
  EXPECT_EQ(proc_file(1, "mountinfo"), mounts);
  EXPECT_EQ(units(), mount_units);
}

// With another KillMode than mixed, systemd would signal each container, too.
TEST(Systemd, AStopSendsEachContainerOneSigterm) {
  Unit pod("once",
           manifest("once",
                    {{"a",
                      "asked=0\ntrap 'asked=$((asked + 1))' TERM\necho ready\n"
                      "while [ $asked -eq 0 ]; do sleep 1000 & wait $!; done\n"
                      "sleep 1 & while kill -0 $!; do wait $!; done 2>/dev/null\necho \"asked: $asked\""}}));
  ASSERT_TRUE(pod.start());
  ASSERT_TRUE(pod.wait_for_journal("a | ready"));
  EXPECT_EQ(pod.systemctl("stop").status, 0);
  EXPECT_TRUE(holds(pod.journal(), "a | asked: 1"));
  EXPECT_EQ(pod.property("Result"), "success");
}

TEST(Systemd, AStopWaitsForTheGracePeriod) {
  Unit pod(
      "grace",
      manifest("grace", {{"a", "trap 'sleep 4; echo finished; exit' TERM\necho ready\nsleep 1000 & wait $!"}},
               "terminationGracePeriodSeconds: 30"),
      "TimeoutStopSec=1");
  ASSERT_TRUE(pod.start());
  ASSERT_TRUE(pod.wait_for_journal("a | ready"));
  EXPECT_EQ(pod.systemctl("stop").status, 0);
  EXPECT_TRUE(holds(pod.journal(), "a | finished"));
  EXPECT_EQ(pod.property("Result"), "success");
}

TEST(Systemd, AStopEndsWithTheGracePeriod) {
  Unit pod("deaf", sleepers("deaf"));  // the first process of a PID namespace ignores signals that it does not handle
  ASSERT_TRUE(pod.start());
  EXPECT_EQ(pod.systemctl("stop").status, 0);
  EXPECT_EQ(pod.property("ActiveState"), "inactive");
  EXPECT_EQ(pod.property("Result"), "success");
}

TEST(Systemd, AContainerOutOfMemoryDoesNotEndTheUnit) {
  Unit pod("hungry",
           manifest("hungry", {{"hungry", "exec tail /dev/zero"}, {"neighbour", "exec sleep 1000"}},
                    "restartPolicy: Never\n" + at_once),
           "MemoryMax=100M");
  ASSERT_TRUE(pod.start());
  EXPECT_TRUE(pod.wait_for_journal("hungry: ended by signal 9 (exit code 137)"));
  EXPECT_EQ(pod.property("OOMPolicy"), "continue");
  EXPECT_EQ(pod.property("SubState"), "running");
  EXPECT_EQ(pod.processes("neighbour").size(), 1U);
}

}  // namespace
}  // namespace podrun::test

// What a pod has changed in objects of others is undone by whoever cleans up last. The kernel parameter that is changed
// is of a network namespace that belongs to the test, and stands for the host's.
#include <fcntl.h>
#include <sched.h>
#include <signal.h>

#include <filesystem>
#include <fstream>

#include "supervisor/leases/leases.hpp"
#include "supervisor/state/state_file.hpp"
#include "supervisor/leases/sysctl_lease.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

const std::string parameter = "net/ipv4/ip_unprivileged_port_start";

class LeasesOfAPod : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::unshare(CLONE_NEWNET), 0);
    std::ofstream("/proc/sys/" + parameter) << "1000" << std::flush;
    const std::string path = root_.write("pod.yaml", manifest("pod", {{"a", until_stopped}}, "restartPolicy: Always"));
    ASSERT_EQ(run(root_, {"-d", path}).status, 0);
    pod_ = processes_of(root_, "default_pod");
    const std::string uid = supervisor::read_state(root_.layout(), "default_pod").value().uid;
    const auto changed = supervisor::lease_sysctl(root_.layout(), {"default_pod", uid}, parameter, "80");
    ASSERT_TRUE(changed) << changed.error().message;
  }
  void TearDown() override { EXPECT_EQ(::setns(hosts_.get(), CLONE_NEWNET), 0); }

  static std::string value() { return lines_of(contents_of("/proc/sys/" + parameter)).at(0); }
  /// Ends the pause and the supervisor so that neither can clean up.
  void kill_both() const {
    const auto pause = ns::open_process(pod_.pause), supervisor = ns::open_process(pod_.supervisor);
    ASSERT_TRUE(pause && ns::send_signal(*pause, SIGSTOP));
    ASSERT_TRUE(supervisor && ns::send_signal(*supervisor, SIGKILL));
    EXPECT_TRUE(wait_until_dead(pod_.supervisor));
    ASSERT_TRUE(ns::send_signal(*pause, SIGKILL));
    EXPECT_TRUE(wait_until_dead(pod_.pause));
  }
  void expect_undone() const {
    EXPECT_EQ(value(), "1000");
    EXPECT_TRUE(supervisor::pods_with_leases(root_.layout()).empty());
    EXPECT_EQ(changes(before_, snapshot(root_)), "");
  }

  const Fd hosts_{::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)};
  TemporaryRoot root_;
  HostSnapshot before_ = snapshot(root_);
  Processes pod_;
};

TEST_F(LeasesOfAPod, AreUndoneByThePodsOwnEnd) {
  EXPECT_EQ(value(), "80");
  EXPECT_EQ(run(root_, {"stop", "--grace-period", "0", "pod"}).status, 0);
  expect_undone();
}

TEST_F(LeasesOfAPod, AreUndoneByTheSupervisorOfAKilledPause) {
  const auto pause = ns::open_process(pod_.pause);
  ASSERT_TRUE(pause && ns::send_signal(*pause, SIGKILL));
  EXPECT_TRUE(wait_until_dead(pod_.supervisor));
  expect_undone();
}

TEST_F(LeasesOfAPod, AreUndoneByTheNextStartOfThePod) {
  kill_both();
  EXPECT_EQ(run(root_, {"-d", root_ / "pod.yaml"}).status, 0);
  EXPECT_EQ(value(), "1000");
  EXPECT_EQ(run(root_, {"stop", "--grace-period", "0", "pod"}).status, 0);
  expect_undone();
}

TEST_F(LeasesOfAPod, AreUndoneByRm) {
  kill_both();
  EXPECT_EQ(run(root_, {"rm", "pod"}).status, 0);
  expect_undone();
}

TEST_F(LeasesOfAPod, OfAKindThatIsNotKnownAreToldByRm) {
  const std::string folder = root_.layout().lease_folder("default_pod", "1").path(), file = folder + "/rule-x";
  std::filesystem::create_directories(folder);
  std::ofstream(file) << R"({"version": 1, "kind": "rule", "object": {}})" << std::flush;
  kill_both();
  const Finished removed = run(root_, {"rm", "pod"});
  EXPECT_EQ(removed.status, 1);
  EXPECT_EQ(removed.err, "podrun: lease " + file + ": this podrun cannot undo a change of the kind \"rule\"\n");
  EXPECT_EQ(value(), "1000");
  std::filesystem::remove(file);
  EXPECT_EQ(run(root_, {"rm", "pod"}).status, 0);
  expect_undone();
}

TEST_F(LeasesOfAPod, ThatCannotBeUndoneDoNotPreventTheNextStart) {
  const std::string folder = root_.layout().lease_folder("default_pod", "1").path(), file = folder + "/rule-x";
  std::filesystem::create_directories(folder);
  std::ofstream(file) << R"({"version": 1, "kind": "rule", "object": {}})" << std::flush;
  kill_both();
  const Finished started = run(root_, {"-d", root_ / "pod.yaml"});
  EXPECT_EQ(started.status, 0) << started.err;
  EXPECT_TRUE(holds(started.err, "pod pod: clean-up: lease " + file + ": "));
  EXPECT_EQ(value(), "1000");
  std::filesystem::remove(file);
  EXPECT_EQ(run(root_, {"stop", "--grace-period", "0", "pod"}).status, 0);
  expect_undone();
}

// The pod that has left it is another one, of which there is nothing else.
TEST(ALeaseOfADeadPod, IsToldByTheNextStartIfItCannotBeUndone) {
  const TemporaryRoot root;
  const std::string folder = root.layout().lease_folder("default_dead", "1").path(), file = folder + "/rule-x";
  std::filesystem::create_directories(folder);
  std::ofstream(file) << R"({"version": 1, "kind": "rule", "object": {}})" << std::flush;
  PodRun pod(root, {root.write("pod.yaml", manifest("pod", {{"a", until_stopped}}))});
  EXPECT_TRUE(pod.wait_for_err("clean-up: lease " + file + ": this podrun cannot undo a change of the kind \"rule\""));
  EXPECT_FALSE(std::filesystem::exists(root.layout().run_of("default_dead")));
  EXPECT_EQ(run(root, {"stop", "--grace-period", "0", "pod"}).status, 0);
}

}  // namespace
}  // namespace podrun::test

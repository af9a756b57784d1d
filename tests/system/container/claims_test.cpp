// Claims while pods start: the fsGroup walk, and concurrent removals.
#include <signal.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include <fmt/format.h>

#include "tests/namespaces/deep_tree.hpp"
#include "tests/system/support/supervisor_killer.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;

const std::string claim =
    "apiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\n"
    "spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}\n---\n";
const std::string volumes = "volumes: [{name: v, persistentVolumeClaim: {claimName: data}}]";

class ClaimsAtAStart : public testing::Test {
 protected:
  std::string write(const std::string& spec) const {
    return root_.write(
        "pod.yaml",
        claim + manifest("pod", {{"c", ready_until_stopped, "volumeMounts: [{name: v, mountPath: /v}]"}}, spec));
  }
  std::string in_claim(const std::string& name) const { return root_.layout().claim("default", "data") + "/" + name; }
  /// Makes files in the claim.
  void make_files(int count) const {
    fs::create_directories(in_claim(""));
    for (int number = 0; number < count; ++number) std::ofstream(in_claim(fmt::format("{}", number)));
  }
  /// Waits for a child of the supervisor.
  static pid_t wait_for_child(const SupervisorKiller& killer) {
    for (const Deadline deadline = soon(); std::chrono::steady_clock::now() < deadline;)
      if (const pid_t supervisor = killer.supervisor(); supervisor != 0)
        if (const auto children = children_of(supervisor); !children.empty()) return children.front();
    return 0;
  }

  TemporaryRoot root_;
};

TEST_F(ClaimsAtAStart, AStopDoesNotWaitForTheFsGroupWalk) {
  make_files(20'000);
  const HostSnapshot before = snapshot(root_);
  PodRun pod(root_, {write("restartPolicy: Never\nsecurityContext: {fsGroup: 2000}\n" + volumes)});
  const pid_t walker = wait_for_child(SupervisorKiller(pod.pid()));
  const auto process = ns::open_process(walker);
  ASSERT_TRUE(process && ns::send_signal(*process, SIGSTOP));
  EXPECT_TRUE(holds(run(root_, {"ps"}).out, "ContainerCreating"));
  EXPECT_EQ(run(root_, {"stop", "pod"}).status, 0);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_TRUE(wait_until_dead(walker));
  EXPECT_FALSE(holds(pod.err(), "c: started")) << pod.err();
  EXPECT_EQ(changes(before, snapshot(root_)), "");
}

TEST_F(ClaimsAtAStart, TheNextSupervisorCompletesTheFsGroupWalk) {
  make_files(5'000);
  PodRun pod(root_, {write("restartPolicy: Never\nsecurityContext: {fsGroup: 2000}\n" + volumes)});
  SupervisorKiller killer(pod.pid());
  const pid_t walker = wait_for_child(killer);
  ASSERT_TRUE(killer.kill_next());
  EXPECT_TRUE(wait_until_dead(walker)) << "it goes with whom it works for";
  ASSERT_TRUE(pod.wait_for_err("c: started")) << pod.err();
  for (const int number : {0, 2'500, 4'999}) {
    struct stat status{};
    ASSERT_EQ(::stat(in_claim(fmt::format("{}", number)).c_str(), &status), 0);
    EXPECT_EQ(status.st_gid, 2000U);
  }
  ASSERT_TRUE(pod.wait_for_out("c | ready"));
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
}

// Another pod may have made it so deep. That must not prevent starts of this one.
TEST_F(ClaimsAtAStart, TheFsGroupWalkCoversAClaimDeeperThanAPath) {
  fs::create_directories(in_claim(""));
  const Fd lowest = ns::make_deep_tree(in_claim("deep"), 600);
  PodRun pod(root_, {write("restartPolicy: Never\nsecurityContext: {fsGroup: 2000}\n" + volumes)});
  ASSERT_TRUE(pod.wait_for_out("c | ready")) << pod.err();
  struct stat status{};
  ASSERT_EQ(::fstat(lowest.get(), &status), 0);
  EXPECT_EQ(status.st_gid, 2000U);
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_EQ(run(root_, {"volumes", "rm", "data"}).status, 0);
}

TEST_F(ClaimsAtAStart, ARemovalDuringAStartLeavesThePodAWholeClaim) {
  const std::string path = write(volumes);
  for (int round = 0; round < 12 && !testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(round);
    make_files(1);
    PodRun starter(root_, {"-d", path});
    PodRun remover(root_, {"volumes", "rm", "data"});
    const int removed = remover.wait_exit();
    // Either may come first.
    if (removed != 0) {
      EXPECT_EQ(removed, 4);
      EXPECT_TRUE(holds(remover.err(), "volume data is used by pod")) << "not for another reason";
    }
    ASSERT_EQ(starter.wait_exit(), 0) << starter.err();
    EXPECT_EQ(run(root_, {"exec", "pod", "--", "touch", "/v/new"}).status, 0);
    EXPECT_TRUE(fs::exists(in_claim("new"))) << "the pod has the claim that others will see";
    EXPECT_EQ(fs::exists(in_claim("0")), removed != 0);
    EXPECT_EQ(run(root_, {"stop", "pod", "--grace-period", "0"}).status, 0);
  }
}

}  // namespace
}  // namespace podrun::test

// Who cleans up last removes what a dead pod left.
#include "supervisor/state/pod_cleanup.hpp"

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "namespaces/kernel/cgroup.hpp"
#include "namespaces/kernel/child_task.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "tests/supervisor/leases/root_leases.hpp"

namespace podrun::supervisor {
namespace {

/// A dead pod with a lease, a layer, and maybe a control group that cannot be removed: a folder with files, on a disk.
class RootPodCleanup : public RootLeases {
 protected:
  void make_remains() {
    ASSERT_TRUE(lease_sysctl(layout_, web_, name, "80"));
    fs::create_directories(layer_);
  }
  pod::HostFacts make_stuck_group() {
    fs::create_directories(group_);
    std::ofstream(group_ + "/cgroup.kill") << std::flush;
    std::ofstream(group_ + "/cgroup.events") << "populated 0\n" << std::flush;
    pod::HostFacts facts;
    facts.cgroup2_mount = root_ / "cgroup";
    return facts;
  }

  const std::string base_ = ns::cgroup_base({}, layout_.root());
  const std::string group_ = root_ / ("cgroup/" + base_ + "/" + web_.id);
  const std::string layer_ = layout_.storage_of(web_.uid) + "/layer";
};

TEST_F(RootPodCleanup, NothingIsRemovedThatAProcessMayUse) {
  make_remains();
  const pod::HostFacts facts = make_stuck_group();
  const EndedPod pod{.layout = layout_, .facts = facts, .id = web_.id, .uid = web_.uid, .cgroup_base = base_};
  EXPECT_FALSE(remove_remains(pod));
  EXPECT_EQ(value(), "80");
  EXPECT_TRUE(has_leases());
  EXPECT_TRUE(fs::exists(layer_));
  fs::remove_all(group_);
  EXPECT_TRUE(remove_remains(pod));
  EXPECT_EQ(value(), "1000");
  EXPECT_FALSE(has_leases());
  EXPECT_FALSE(fs::exists(layer_));
}

// The uid of the pod is not known: there is no run directory.
TEST_F(RootPodCleanup, NoStorageIsRemovedThatAProcessOfADeadPodMayUse) {
  make_remains();
  const pod::HostFacts facts = make_stuck_group();
  EXPECT_FALSE(remove_all_dead_pods(layout_, facts));
  EXPECT_TRUE(fs::exists(layer_));
  EXPECT_EQ(value(), "80");
  fs::remove_all(group_);
  EXPECT_TRUE(remove_all_dead_pods(layout_, facts));
  EXPECT_FALSE(fs::exists(layer_));
  EXPECT_EQ(value(), "1000");
}

// After a power loss there is no run directory.
TEST_F(RootPodCleanup, ALeaseIsFoundWithoutARunDirectory) {
  ASSERT_TRUE(lease_sysctl(layout_, web_, name, "80"));
  const auto removed = remove_all_dead_pods(layout_, {});
  EXPECT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(value(), "1000");
  EXPECT_FALSE(has_leases());
  EXPECT_TRUE(known_pods(layout_).empty());
}

TEST_F(RootPodCleanup, ALeaseThatCannotBeUndoneMakesNoRunDirectory) {
  write("rule-x", R"({"version": 1, "kind": "rule", "object": {}})");
  const auto removed = remove_all_dead_pods(layout_, {});
  ASSERT_FALSE(removed);
  EXPECT_NE(removed.error().message.find(folder(web_) + "/rule-x"), std::string::npos) << removed.error().message;
  EXPECT_TRUE(known_pods(layout_).empty());
  EXPECT_TRUE(has_leases());
}

TEST_F(RootPodCleanup, AnErrorTellsWhetherAPodIsAboutToStart) {
  fs::create_directories(layer_);
  const auto lock = try_lock_pod(layout_, "default_starting");
  ASSERT_TRUE(lock && *lock);
  const auto removed = remove_all_dead_pods(layout_, {});
  ASSERT_FALSE(removed);
  EXPECT_EQ(removed.error().number, EAGAIN) << removed.error().message;
  EXPECT_TRUE(fs::exists(layer_));
  write("rule-x", R"({"version": 1, "kind": "rule", "object": {}})");
  EXPECT_EQ(remove_all_dead_pods(layout_, {}).error().number, 0) << "something else failed, too";
}

TEST_F(RootPodCleanup, ARunDirectoryStaysAsLongAsSomethingIsLeft) {
  write("rule-x", R"({"version": 1, "kind": "rule", "object": {}})");
  fs::create_directories(layout_.run_of(web_.id));
  std::ofstream(layout_.state(web_.id)) << std::flush;
  EXPECT_FALSE(remove_all_dead_pods(layout_, {}));
  EXPECT_EQ(known_pods(layout_), std::vector<std::string>{web_.id});
  fs::remove_all(folder(web_));
  EXPECT_TRUE(remove_all_dead_pods(layout_, {}));
  EXPECT_TRUE(known_pods(layout_).empty());
}

TEST_F(RootPodCleanup, ALeaseOfARunningPodStays) {
  const auto lock = try_lock_pod(layout_, web_.id);
  ASSERT_TRUE(lock && *lock);
  ASSERT_TRUE(write_lock_uid(*lock, web_.uid));
  ASSERT_TRUE(lease_sysctl(layout_, web_, name, "80"));
  EXPECT_TRUE(remove_all_dead_pods(layout_, {}));
  EXPECT_EQ(value(), "80");
  EXPECT_TRUE(has_leases());
}

// A pod that starts writes its names under another name, and then renames the file.
TEST_F(RootPodCleanup, NamesThatARunningPodIsWritingStay) {
  fs::create_directories(layout_.names_folder().path());
  const std::string unfinished = layout_.names_folder().path() + "/." + web_.id + "~1";
  std::ofstream(unfinished) << std::flush;
  {
    const auto lock = try_lock_pod(layout_, web_.id);
    ASSERT_TRUE(lock && *lock);
    EXPECT_TRUE(remove_all_dead_pods(layout_, {}));
    EXPECT_TRUE(fs::exists(unfinished));
  }
  EXPECT_TRUE(remove_all_dead_pods(layout_, {}));
  EXPECT_FALSE(fs::exists(unfinished));
}

TEST_F(RootPodCleanup, TwoMayCleanUpAtOnce) {
  for (int round = 0; round < 20; ++round) {
    ASSERT_TRUE(lease_sysctl(layout_, web_, name, "80"));
    std::vector<ns::Process> cleaners;
    for (int i = 0; i < 4; ++i)
      cleaners.push_back(ns::run_in_child([&] { return remove_all_dead_pods(layout_, {}) ? 0 : 1; }).value());
    for (const ns::Process& cleaner : cleaners) EXPECT_EQ(ns::wait_for(cleaner).value(), 0);
    EXPECT_EQ(value(), "1000");
    EXPECT_FALSE(has_leases());
  }
}

}  // namespace
}  // namespace podrun::supervisor

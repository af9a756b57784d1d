// Who cleans up last removes what a dead pod left.
#include "supervisor/state/pod_cleanup.hpp"

#include <vector>

#include "namespaces/kernel/child_task.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "tests/supervisor/state/root_leases.hpp"

namespace podrun::supervisor {
namespace {

class RootPodCleanup : public RootLeases {};

// After a power loss there is no run directory.
TEST_F(RootPodCleanup, ALeaseIsFoundWithoutARunDirectory) {
  ASSERT_TRUE(lease_sysctl(layout_, web_, name, "80"));
  const auto removed = remove_all_dead_pods(layout_, {});
  EXPECT_TRUE(removed) << removed.error().message;
  EXPECT_EQ(value(), "1000");
  EXPECT_FALSE(has_leases());
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

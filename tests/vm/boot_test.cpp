// After a boot, an enabled unit runs its pod. In the machine examples/pods/web.yaml is /etc/podrun/boot.yaml.
#include "tests/vm/unit.hpp"

namespace podrun::test {
namespace {

TEST(Boot, AnEnabledPodRuns) {
  Unit pod("boot");
  EXPECT_EQ(pod.property("ActiveState"), "active") << pod.journal();
  EXPECT_EQ(pod.property("NRestarts"), "0");
  EXPECT_TRUE(pod.wait_for_journal("visitor | Hello from web, it is ")) << pod.journal();
}

TEST(Boot, TheRootIsShared) {
  EXPECT_TRUE(mount_at(mounts_of(1), "/").propagation.starts_with("shared:"));
}

}  // namespace
}  // namespace podrun::test

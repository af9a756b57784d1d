// Several changes of one kernel parameter, and parameters of several network namespaces.
#include "supervisor/leases/sysctl_lease.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sched.h>

#include "tests/supervisor/leases/root_leases.hpp"

namespace podrun::supervisor {
namespace {

class RootSysctlLease : public RootLeases {};

TEST_F(RootSysctlLease, TheValueBeforeTheFirstChangeComesBack) {
  for (const char* ours : {"80", "443", "79", "443"}) ASSERT_TRUE(lease_sysctl(layout_, web_, name, ours));
  EXPECT_EQ(value(), "443");
  EXPECT_EQ(undo(), "");
  EXPECT_EQ(value(), "1000");
}

TEST_F(RootSysctlLease, AValueOfOthersBetweenTwoChangesComesBack) {
  ASSERT_TRUE(lease_sysctl(layout_, web_, name, "80"));
  set("500");
  ASSERT_TRUE(lease_sysctl(layout_, web_, name, "443"));
  EXPECT_EQ(undo(), "");
  EXPECT_EQ(value(), "500");
}

TEST_F(RootSysctlLease, ACrashBetweenTheSecondLeaseAndItsChangeIsUndone) {
  ASSERT_TRUE(lease_sysctl(layout_, web_, name, "80"));
  ASSERT_TRUE(lease_sysctl(layout_, web_, name, "443"));
  set("80");
  EXPECT_EQ(undo(), "");
  EXPECT_EQ(value(), "1000");
}

TEST_F(RootSysctlLease, AnotherNetworkNamespacesParameterIsNotTouched) {
  ASSERT_TRUE(lease_sysctl(layout_, web_, name, "80"));
  const std::uint64_t changed = network();
  const Fd own(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC));
  ASSERT_EQ(::unshare(CLONE_NEWNET), 0);
  set("80");
  EXPECT_EQ(undo(), fmt::format("lease {}: {} was changed in the network namespace {}, and this is {}", file(), name,
                                changed, network()));
  EXPECT_EQ(value(), "80");
  EXPECT_FALSE(lease_sysctl(layout_, web_, name, "443")) << "it would replace the lease";
  EXPECT_EQ(value(), "80");
  ASSERT_EQ(::setns(own.get(), CLONE_NEWNET), 0);
  EXPECT_EQ(undo(), "");
  EXPECT_EQ(value(), "1000");
}

}  // namespace
}  // namespace podrun::supervisor

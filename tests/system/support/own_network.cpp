// All pods of these tests are started in a network namespace of their own, which stands for the host's: the machine's
// own interfaces, routes, rules and kernel parameters are neither seen nor changed. It has `lo` alone.
#include <gtest/gtest.h>

#include <sched.h>
#include <unistd.h>

#include "namespaces/helper/loopback.hpp"

namespace podrun::test {
namespace {

class OwnNetwork : public testing::Environment {
 public:
  void SetUp() override {
    if (::geteuid() != 0) return;  // the tests that need root fail or skip by themselves
    ASSERT_EQ(::unshare(CLONE_NEWNET), 0) << "unshare(CLONE_NEWNET)";
    ASSERT_EQ(helper::bring_loopback_up(), 0);
  }
};

[[maybe_unused]] const testing::Environment* const own_network =
    testing::AddGlobalTestEnvironment(new OwnNetwork);

}  // namespace
}  // namespace podrun::test

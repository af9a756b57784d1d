// What most users have: Debian's kernel and nothing but cgroup v2. The tests of pods by hand, once more.
#include "tests/vm/unit.hpp"

namespace podrun::test {
namespace {

using std::chrono::steady_clock;

void expect_to_pass(const std::string& program, const std::string& filter) {
  PodRun tests({build_folder + "/" + program, "--gtest_filter=" + filter});
  const int status = tests.wait_exit(steady_clock::now() + std::chrono::minutes(3));
  EXPECT_EQ(status, 0) << tests.out() << tests.err();
}

TEST(Kernel, HoldsWhatNamespacesNeed) {
  expect_to_pass("podrun-test-namespaces", "*-*Window*");
}

TEST(Kernel, RunsPodsByHand) {
  expect_to_pass("podrun-test-system",
                 "Example.Web*:Example.Job*:Namespaces.*:ContainerRights.*:FailedStart.*");
}

}  // namespace
}  // namespace podrun::test

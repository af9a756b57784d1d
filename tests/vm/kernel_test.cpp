// What most users have: Debian's kernel and nothing but cgroup v2. The tests of pods by hand, once more.
#include "tests/vm/unit.hpp"

namespace podrun::test {
namespace {

using std::chrono::steady_clock;

void expect_to_pass(const std::string& program, const std::string& filter) {
  PodRun tests({build_folder + "/" + program, "--gtest_filter=" + filter});
  const int status = tests.wait_exit(steady_clock::now() + std::chrono::minutes(5));
  EXPECT_EQ(status, 0) << tests.out() << tests.err();
  EXPECT_EQ(tests.out().find("Running 0 tests"), std::string::npos) << "nothing has been tried";
}

TEST(Kernel, TheNamespaceTestsPass) {
  expect_to_pass("podrun-test-namespaces", "*-*Window*");
}

TEST(Kernel, ThePodTestsPass) {
  expect_to_pass("podrun-test-system",
                 "Example.Web*:Example.Job*:Namespaces.*:ContainerRights.*:FailedStart.*");
}

// Linux 6.1 has neither SO_PEERPIDFD nor what later kernels refuse by themselves.
TEST(Kernel, TheEscapeTestsPass) {
  expect_to_pass(
      "podrun-test-system",
      "Few/NewProcesses*:EscapeInit*:HelperRights*:EscapePair*:EscapeVolume*:EscapeLogs*:ControlPeer*:*UserNamespaces*:"
      "*Siblings*:*Vsock*:Exec.TheCallersFilesAreNotPassedToTheCommand:Exec.ACommandOfAnotherUserCanReopenItsStreams");
}

}  // namespace
}  // namespace podrun::test

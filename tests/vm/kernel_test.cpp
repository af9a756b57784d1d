// Other tests, run again on Debian's kernel with cgroup v2 only, which most users have.
#include <algorithm>
#include <string_view>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "tests/vm/unit.hpp"

namespace podrun::test {
namespace {

using std::chrono::steady_clock;

std::ptrdiff_t lines_with(const std::string& text, std::string_view beginning) {
  return std::ranges::count_if(lines_of(text), [&](const std::string& line) { return line.starts_with(beginning); });
}

/// The number of tests of a program that a filter matches.
std::ptrdiff_t tests_matched(const std::string& program, const std::string& filter) {
  const Finished listed = command({program, "--gtest_list_tests", "--gtest_filter=" + filter});
  EXPECT_EQ(listed.status, 0) << listed.err;
  return lines_with(listed.out, "  ");
}

/// Runs the tests that any of the patterns matches. Each pattern must match a test, and each test that is matched must
/// run; it may skip itself.
void expect_to_pass(const std::string& name, const std::vector<std::string>& patterns) {
  const std::string program = build_folder + "/" + name;
  for (const std::string& pattern : patterns) EXPECT_GT(tests_matched(program, pattern), 0) << pattern;
  const std::string filter = fmt::format("{}", fmt::join(patterns, ":"));
  PodRun tests({program, "--gtest_filter=" + filter});
  const int status = tests.wait_exit(steady_clock::now() + std::chrono::minutes(5));
  EXPECT_EQ(status, 0) << tests.out() << tests.err();
  const auto passed = lines_with(tests.out(), "[       OK ] ");
  // A skipped test has a line when it ends, and another one in the list at the end of the run.
  const auto skipped = std::ranges::count_if(lines_of(tests.out()), [](const std::string& line) {
    return line.starts_with("[  SKIPPED ] ") && line.ends_with(" ms)");
  });
  EXPECT_GT(passed, 0);
  EXPECT_EQ(passed + skipped, tests_matched(program, filter)) << tests.out();
}

/// Each of these takes a second or more on this machine, which is emulated, and shows nothing of the kernel that is not
/// shown by the rest, by the network of whole pods, by the store that lost its power, or by the tests of units. Those of
/// the resolver need dig(1), too, the comparison needs umoci(1), and the corpus is not on this machine.
const std::vector<std::string> left_out{"*Window*", "*ForwarderDatagram*", "*ForwarderFamilies*", "*ForwarderFlood*",
                                        "*ForwarderLife*", "*ForwarderSpeed*", "*ForwarderStreams*",
                                        "*ForwarderTargets*", "*ConntrackEntries*", "RootDockerRules*",
                                        "RootFirewall*", "RootNetworkFacts*", "RootNumberClaim*", "RootPodLink*",
                                        "RootResolver.*", "RootResolverHostile*", "RootResolverUpstream*",
                                        "RootScriptNetwork*", "*ManyAtOnceDoNotDelay*", "RootSlow*",
                                        "RootImagesDisk*", "RootImagesKilled*", "RootImagesTogether*",
                                        "RootUmociComparison*", "RootUnpackKilled*", "RootUnpackerDamage*",
                                        "RootUnpackerForms*", "RootUnpackerHostile*", "*LayerCorpus*",
                                        "RootHostileServer*", "RootProberTls*"};

TEST(Kernel, TheNamespaceTestsPass) {
  expect_to_pass("podrun-test-namespaces", {fmt::format("*-{}", fmt::join(left_out, ":"))});
}

// Linux 6.1 deletes entries of conntrack one by one alone, and does not say when an interface can send.
TEST(Kernel, TheNetworkTestsPass) {
  expect_to_pass("podrun-test-system",
                 {"PublishedPorts.ThePodAndOtherPods*", "PublishedPorts.Datagrams*", "PodNames.APodFinds*",
                  "NetworkLife.AKilledSupervisor*"});
}

TEST(Kernel, ThePodTestsPass) {
  expect_to_pass("podrun-test-system",
                 {"Example.Web*", "Example.Job*", "Namespaces.*", "ContainerRights.*", "FailedStart.*",
                  "CommandGroup.*"});
}

// Linux 6.1 has no SO_PEERPIDFD, and allows some calls that later kernels refuse.
TEST(Kernel, TheEscapeTestsPass) {
  expect_to_pass("podrun-test-system",
                 {"Few/NewProcesses*", "EscapeInit*", "HelperRights*", "EscapePair*", "EscapeVolume*", "EscapeLogs*",
                  "ControlPeer*", "*UserNamespaces*", "*Siblings*", "*Vsock*",
                  "Exec.TheCallersFilesAreNotPassedToTheCommand", "Exec.ACommandOfAnotherUserCanReopenItsStreams"});
}

}  // namespace
}  // namespace podrun::test

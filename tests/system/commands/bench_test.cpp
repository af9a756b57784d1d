// What a killed podrun-bench leaves is removed.
#include <signal.h>

#include <filesystem>

#include <fmt/format.h>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;

/// A podrun-bench that has just started a pod and waits for a minute.
class BenchKilled : public testing::Test {
 protected:
  BenchKilled() {
    const Deadline deadline = soon();
    while (directory_.empty() || !fs::exists(seen_by_it("/root/run/podrun/default_idle/state.json"))) {
      if (std::chrono::steady_clock::now() > deadline) {
        ADD_FAILURE() << "it has not begun: " << bench_.err();
        return;
      }
      for (const auto& [fd, target] : descriptors_of(bench_.pid()))
        if (target.starts_with("/var/tmp/podrun-bench-") && target.find('/', 9) == target.npos) directory_ = target;
    }
  }
  /// Its /run is a separate mount.
  std::string seen_by_it(const std::string& path) const {
    return fmt::format("/proc/{}/root{}{}", bench_.pid(), directory_, path);
  }
  void expect_nothing_left() const {
    EXPECT_FALSE(fs::exists(directory_));
    // A supervisor ends a moment after its pause was killed.
    for (const Deadline deadline = soon();
         !living_descendants().empty() && std::chrono::steady_clock::now() < deadline;) {
    }
    EXPECT_EQ(living_descendants(), std::vector<pid_t>{});
  }

  TemporaryRoot root_;
  const std::string program_ = build_folder + "/podrun-bench";
  PodRun bench_{{program_, "--only", "idle", "--podrun", podrun_program}};
  std::string directory_;
};

TEST_F(BenchKilled, ATerminatedBenchmarkCleansUpAndDiesOfTheSignal) {
  bench_.signal(SIGTERM);
  EXPECT_EQ(bench_.wait_exit(), 128 + SIGTERM) << bench_.err();
  expect_nothing_left();
}

TEST_F(BenchKilled, TheNextBenchmarkRemovesTheLeftoversOfAKilledOne) {
  bench_.signal(SIGKILL);
  EXPECT_EQ(bench_.wait_exit(), 128 + SIGKILL);
  EXPECT_TRUE(fs::exists(directory_));
  PodRun next({program_, "--clean", "--podrun", podrun_program});
  EXPECT_EQ(next.wait_exit(), 0) << next.err();
  expect_nothing_left();
}

}  // namespace
}  // namespace podrun::test

// The supervisor is killed just before each of its system calls in turn, and the next one goes on from there.
#include <unistd.h>

#include <random>

#include <fmt/format.h>

#include "tests/system/support/counted_pod.hpp"
#include "tests/system/support/support.hpp"
#include "tests/system/support/traced_pod.hpp"

namespace podrun::test {
namespace {

class SyscallKill {
 public:
  /// Kills the supervisors of one pod at these instants. Returns the number of system calls of each.
  std::vector<int> run(const std::vector<Instant>& instants) {
    std::string words;
    for (const Instant& instant : instants)
      words += fmt::format("killed before system call {} behind clone {}\n", instant.call, instant.clone);
    const TracedRun traced =
        run_traced({"--root", root_.path(), pod_.write(CountedPod::Behaviour::Restart)}, instants, root_ / "said");
    killed_ += traced.killed;
    const std::string said = words + contents_of(root_ / "said");
    EXPECT_EQ(traced.status, 0) << said;
    if (traced.status == 0) pod_.check(CountedPod::Behaviour::Restart, said);
    return traced.calls;
  }

  /// Kills the first supervisor at instants that are so far apart, beginning with a random one. Then kills the second
  /// supervisor of a pod whose first one died half-way.
  void run_all(int first_step, int second_step) {
    const int all = run({Instant{}}).at(0);
    ASSERT_GT(all, 100);
    for (int instant = draw(first_step); instant <= all && !testing::Test::HasFailure();
         instant += first_step)
      run({{.call = instant}});
    for (int instant = draw(second_step); !testing::Test::HasFailure(); instant += second_step) {
      const auto calls = run({{.call = all / 2}, {.call = instant}});
      if (calls.size() < 2 || calls[1] < instant) break;  // it lived until the end of the pod
    }
  }

  /// Kills at each instant from the clone3 of a launch to a few calls after its gate, for first launches and restarts.
  void run_all_behind_clones(int clones, int calls) {
    for (int clone = 1; clone <= clones; ++clone)
      for (int call = 1; call <= calls && !testing::Test::HasFailure(); ++call)
        run({{.call = call, .clone = clone}});
    EXPECT_EQ(killed_, clones * calls) << "some supervisors got away";
  }

 private:
  static int draw(int most) {
    std::random_device random;
    return std::uniform_int_distribution(1, most)(random);
  }

  TemporaryRoot root_;
  CountedPod pod_{root_, 2};
  int killed_ = 0;
};

TEST(LaunchesUnderKill, KillsBetweenCloneAndGateLoseAndDoubleNoInstance) {
  SyscallKill().run_all_behind_clones(3, 18);
}

TEST(SyscallKill, KillsAtSampledSystemCallsLoseAndDoubleNoInstance) {
  SyscallKill().run_all(150, 200);
}

TEST(LaunchesUnderKill, KillsBeforeSystemCallsLoseAndDoubleNoInstance) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  SyscallKill().run_all(7, 17);
}

}  // namespace
}  // namespace podrun::test

// The supervisor is killed just before one system call of its life, then before another: what it leaves at
// each is what the next one finds.
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
  /// Kills the supervisors of one pod at these instants. How many system calls each has made.
  std::vector<int> run(const std::vector<Instant>& instants) {
    std::string words;
    for (const Instant& instant : instants)
      words += fmt::format("killed before system call {} behind clone {}\n", instant.call, instant.clone);
    const TracedRun traced = run_traced({"--root", root_.path(), pod_.write(CountedPod::Habit::Restart)},
                                        instants, root_ / "said");
    killed_ += traced.killed;
    const std::string said = words + contents_of(root_ / "said");
    EXPECT_EQ(traced.status, 0) << said;
    if (traced.status == 0) pod_.check(CountedPod::Habit::Restart, said);
    return traced.calls;
  }

  /// The first supervisor at instants so far apart, from a random one on; then the second, of a pod whose
  /// first died half-way.
  void run_all(int first_step, int second_step) {
    const int all = run({Instant{}}).at(0);
    ASSERT_GT(all, 100);
    for (int instant = draw(first_step); instant <= all && !testing::Test::HasFailure();
         instant += first_step)
      run({{.call = instant}});
    for (int instant = draw(second_step); !testing::Test::HasFailure(); instant += second_step) {
      const auto calls = run({{.call = all / 2}, {.call = instant}});
      if (calls.size() < 2 || calls[1] < instant) break;  // it lived to the pod's end
    }
  }

  /// Each instant from a launch's clone3 to a few calls behind its gate, of the first launches and the restarts.
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

// The supervisor is killed just before one system call of its life, then before another: what it leaves at
// each is what the next one finds.
#include <unistd.h>

#include <random>

#include <fmt/format.h>

#include "tests/system/counted_pod.hpp"
#include "tests/system/support.hpp"
#include "tests/system/traced_pod.hpp"

namespace podrun::test {
namespace {

class SyscallKill {
 public:
  /// Kills the supervisors of one pod at these instants. How many system calls each has made.
  std::vector<int> run(const std::vector<int>& kill_before) {
    const std::string words = fmt::format("killed before system call {}", fmt::join(kill_before, ", then "));
    const TracedRun traced = run_traced({"--root", root_.path(), pod_.write(CountedPod::Habit::Restart)},
                                        kill_before, root_ / "said");
    const std::string said = words + "\n" + contents_of(root_ / "said");
    EXPECT_EQ(traced.status, 0) << said;
    if (traced.status == 0) pod_.check(CountedPod::Habit::Restart, said);
    return traced.calls;
  }

  /// The first supervisor at instants so far apart, from a random one on; then the second, of a pod whose
  /// first died half-way.
  void run_all(int first_step, int second_step) {
    const int all = run({0}).at(0);
    ASSERT_GT(all, 100);
    for (int instant = draw(first_step); instant <= all && !testing::Test::HasFailure();
         instant += first_step)
      run({instant});
    for (int instant = draw(second_step); !testing::Test::HasFailure(); instant += second_step) {
      const auto calls = run({all / 2, instant});
      if (calls.size() < 2 || calls[1] < instant) break;  // it lived to the pod's end
    }
  }

 private:
  static int draw(int most) {
    std::random_device random;
    return std::uniform_int_distribution(1, most)(random);
  }

  TemporaryRoot root_;
  CountedPod pod_{root_, 2};
};

TEST(SyscallKill, AtSomeInstantsCostsNoInstanceAndDoublesNone) {
  SyscallKill().run_all(150, 200);
}

TEST(LaunchesUnderKill, AKillBeforeASystemCallCostsNoInstanceAndDoublesNone) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  SyscallKill().run_all(7, 11);
}

}  // namespace
}  // namespace podrun::test

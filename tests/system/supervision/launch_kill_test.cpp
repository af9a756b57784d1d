// A supervisor may be killed at any instant of a launch, an exit or an adoption: no instance runs twice, none is lost,
// no exit code is wrong, and no two instances of a container run at once.
//
// Here the instants are random. syscall_kill_test.cpp tries them one by one.
#include <unistd.h>

#include <random>

#include <fmt/format.h>

#include "tests/system/support/counted_pod.hpp"
#include "tests/system/support/supervisor_killer.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

using namespace std::chrono_literals;
using Behaviour = CountedPod::Behaviour;

constexpr std::chrono::microseconds longest_adoption = std::chrono::microseconds(test_timeout) / 100;

/// Runs short pods one after the other and kills their supervisors, until there were enough kills.
class LaunchKill {
 public:
  explicit LaunchKill(int kills) {
    const unsigned seed = std::random_device()();
    SCOPED_TRACE(fmt::format("seed {}", seed));
    random_.seed(seed);
    for (Behaviour behaviour = Behaviour::Restart; kills_ < kills && !testing::Test::HasFailure();
         behaviour = behaviour == Behaviour::Restart ? Behaviour::Fail : Behaviour::Restart)
      run_one(behaviour);
  }

 private:
  void run_one(Behaviour behaviour) {
    PodRun pod(root_, {pod_.write(behaviour)});
    SupervisorKiller killer(pod.pid());
    // The pause waits longer after two supervisors in a row that die before they have adopted, so early and late kills
    // take turns.
    const Deadline deadline = soon() + 20s;
    while (std::chrono::steady_clock::now() < deadline && killer.kill_next(draw(0us, adoption_))) {
      adoption_ = killer.predecessor_had_adopted() ? adoption_ * 9 / 10 : std::min(adoption_ * 2, longest_adoption);
      if (!killer.kill_next(draw(adoption_, 2 * adoption_))) break;
    }
    EXPECT_EQ(pod.wait_exit(soon() + 20s), CountedPod::status_of(behaviour)) << pod.err();
    kills_ += killer.kills();
    pod_.check(behaviour, pod.out() + pod.err());
  }

  std::chrono::microseconds draw(std::chrono::microseconds least, std::chrono::microseconds most) {
    return std::chrono::microseconds(std::uniform_int_distribution(least.count(), most.count())(random_));
  }

  TemporaryRoot root_;
  CountedPod pod_{root_, 12};
  std::mt19937 random_;
  std::chrono::microseconds adoption_{20'000};  // how long an adoption takes on this machine, measured
  int kills_ = 0;
};

TEST(LaunchKill, ThirtyKillsCostNoInstanceAndDoubleNone) {
  LaunchKill pods(30);
}

TEST(LaunchesUnderKill, FourHundredKillsCostNoInstanceAndDoubleNone) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  LaunchKill pods(400);
}

}  // namespace
}  // namespace podrun::test

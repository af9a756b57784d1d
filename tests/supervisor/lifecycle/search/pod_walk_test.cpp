// Random walks through the states of pods that are too large to be searched: up to four containers of all roles, with
// probes, hooks, rules, deadlines and images. The invariants are those of the search.
#include <gtest/gtest.h>

#include <cstdio>
#include <random>

#include "tests/supervisor/lifecycle/lifecycle_words.hpp"
#include "tests/supervisor/lifecycle/search/pod_world.hpp"

namespace podrun::supervisor {
namespace {

using pod::RestartPolicy;

class Walk {
 public:
  explicit Walk(unsigned seed) : random_(seed) {}

  /// From the beginning of a random pod to its end, or as many moves. Returns how many there were.
  int run(int most) {
    const ModelPod pod = any_pod();
    ModelState state = first_state(pod);
    std::vector<std::string> way;
    for (int moves = 0; moves < most; ++moves) {
      std::vector<std::string> faults;
      std::vector<ModelMove> next = moves_from(pod, state, faults);
      for (const std::string& fault : faults) report(pod, way, fault);
      if (next.empty() || testing::Test::HasFailure()) return moves + 1;
      ModelMove& move = next[pick(next.size())];
      // Supervisors die often enough if one of eight deaths is chosen.
      if (move.what == "the supervisor dies" && pick(8) != 0) continue;
      way.push_back(move.what);
      state = std::move(move.next);
    }
    return most;
  }

 private:
  std::size_t pick(std::size_t choices) {
    return std::uniform_int_distribution<std::size_t>(0, choices - 1)(random_);
  }

  ContainerSpec any_container(ContainerRole role) {
    ContainerSpec spec{.role = role};
    spec.policy.restart = role == ContainerRole::Sidecar ? RestartPolicy::Always : static_cast<RestartPolicy>(pick(3));
    if (role == ContainerRole::Init && spec.policy.restart == RestartPolicy::Always)
      spec.policy.restart = RestartPolicy::OnFailure;
    if (pick(5) == 0)
      spec.policy.rules = {{.values = {1}, .action = static_cast<pod::RestartRule::Action>(pick(2))}};
    if (role == ContainerRole::Init) return spec;
    for (auto& probe : spec.policy.probes.values)
      if (pick(3) == 0) probe = ProbePolicy{10s};
    for (auto& hook : spec.policy.hooks.values) {
      if (pick(3) == 0) hook.emplace();
      if (hook && pick(2) == 0) hook->sleep = 5s;
    }
    return spec;
  }

  ModelPod any_pod() {
    ModelPod pod{.most_stops = static_cast<int>(pick(3))};
    for (std::size_t init = pick(3); init > 0; --init)
      pod.spec.containers.push_back(any_container(pick(2) == 0 ? ContainerRole::Init : ContainerRole::Sidecar));
    for (std::size_t app = 1 + pick(2); app > 0; --app)
      pod.spec.containers.push_back(any_container(ContainerRole::App));
    const std::size_t size = pod.spec.containers.size();
    pod.pid_joins.resize(size);
    if (size > 1 && pick(4) == 0) {
      const bool is_pid = pick(2) == 0;
      pod.spec.containers[size - 1].joins = {{.container = 0, .alive = true}};
      if (is_pid) pod.pid_joins[size - 1] = {0};
    }
    pod.has_deadline = pick(4) == 0;
    if (pick(4) == 0) pod.awaited = {pick(size)};
    return pod;
  }

  static void report(const ModelPod& pod, const std::vector<std::string>& way, const std::string& fault) {
    std::string text;
    for (const std::string& move : way) text += "  " + move + "\n";
    ADD_FAILURE() << pod.words() << ": " << fault << "\n" << text;
  }

  std::mt19937 random_;
};

void walk(int events, unsigned seed) {
  int moves = 0, walks = 0;
  for (; moves < events && !testing::Test::HasFailure(); ++walks)
    moves += Walk(seed + static_cast<unsigned>(walks)).run(2000);
  std::printf("%d moves in %d walks\n", moves, walks);
}

TEST(PodWalk, ThirtyThousandRandomEventsBreakNoInvariant) { walk(30'000, 1); }

TEST(PodWalkUnderKill, AMillionRandomEventsBreakNoInvariant) { walk(1'000'000, 1'000'000); }

}  // namespace
}  // namespace podrun::supervisor

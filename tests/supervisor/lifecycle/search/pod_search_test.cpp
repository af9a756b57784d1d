// All states of small pods: whatever the containers, the kernel and whoever stops the pod do, and whenever the
// supervisor dies between two actions, no invariant breaks and the pod can come to its end.
#include <gtest/gtest.h>

#include <cstdio>
#include <deque>
#include <limits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "tests/supervisor/lifecycle/lifecycle_words.hpp"
#include "tests/supervisor/lifecycle/search/pod_world.hpp"

namespace podrun::supervisor {
namespace {

using pod::RestartPolicy;

/// A search of one pod, to closure.
class Search {
 public:
  explicit Search(const ModelPod& pod) : pod_(pod) {}

  std::size_t run() {
    reach(first_state(pod_), none, "the pod begins");
    while (!open_.empty() && !testing::Test::HasFailure()) {
      auto [index, state] = std::move(open_.front());
      open_.pop_front();
      std::vector<std::string> faults;
      const auto moves = moves_from(pod_, state, faults);
      for (const std::string& fault : faults) ADD_FAILURE() << pod_.words() << ": " << fault << "\n" << way_to(index);
      if (state.phase == ModelState::Phase::Over) ends_.push_back(index);
      for (const ModelMove& move : moves) from_[reach(move.next, index, move.what)].push_back(index);
    }
    if (!testing::Test::HasFailure()) expect_an_end_from_everywhere();
    return states_.size();
  }

 private:
  using Index = std::uint32_t;
  static constexpr Index none = std::numeric_limits<Index>::max();

  Index reach(const ModelState& state, Index before, const std::string& by) {
    const auto [place, is_new] = states_.try_emplace(key_of(state), static_cast<Index>(states_.size()));
    if (is_new) {
      ways_.push_back({before, by});
      from_.emplace_back();
      open_.emplace_back(place->second, state);
    }
    return place->second;
  }
  std::string way_to(Index index) const {
    std::vector<std::string> way;
    for (; index != none; index = ways_[index].first) way.push_back(ways_[index].second);
    std::string text;
    for (auto each = way.rbegin(); each != way.rend(); ++each) text += "  " + *each + "\n";
    return text;
  }
  void expect_an_end_from_everywhere() {
    std::vector<bool> ends(states_.size());
    std::vector<Index> open = ends_;
    for (const Index index : open) ends[index] = true;
    while (!open.empty()) {
      const Index index = open.back();
      open.pop_back();
      for (const Index before : from_[index])
        if (!ends[before]) ends[before] = true, open.push_back(before);
    }
    for (Index index = 0; index < ends.size(); ++index)
      if (!ends[index]) {
        ADD_FAILURE() << pod_.words() << ": the pod never ends\n" << way_to(index);
        return;
      }
  }

  const ModelPod& pod_;
  std::unordered_map<std::string, Index> states_;
  std::vector<std::pair<Index, std::string>> ways_;  ///< to each state: from where, and by what
  std::vector<std::vector<Index>> from_;
  std::deque<std::pair<Index, ModelState>> open_;
  std::vector<Index> ends_;
};

enum class JoinKind { None, Held, Mounts, Pid };

struct ModelContainer {
  ContainerRole role;
  RestartPolicy restart;
  JoinKind join = JoinKind::None;
  std::size_t owner = 0;
  ByKind<pod::ProbeKind, std::optional<ProbePolicy>, pod::probe_kinds> probes{};
  ByKind<pod::HookKind, std::optional<HookPolicy>, hook_kinds> hooks{};
  bool restarts_all = false;
};

ModelPod pod_of(const std::vector<ModelContainer>& containers) {
  ModelPod pod;
  pod.pid_joins.resize(containers.size());
  for (const ModelContainer& each : containers) {
    ContainerSpec spec{.role = each.role,
                       .policy = {.restart = each.restart,
                                  .backoff = {.initial = 10s, .max = 10s, .reset = std::chrono::hours(100'000)},
                                  .probes = each.probes,
                                  .hooks = each.hooks}};
    if (each.restarts_all)
      spec.policy.rules = {{.values = {1}, .action = pod::RestartRule::Action::RestartAllContainers}};
    if (each.join != JoinKind::None) spec.joins = {{.container = each.owner, .alive = each.join != JoinKind::Held}};
    if (each.join == JoinKind::Pid) pod.pid_joins[pod.spec.containers.size()] = {each.owner};
    pod.spec.containers.push_back(std::move(spec));
  }
  return pod;
}

std::vector<RestartPolicy> policies_of(ContainerRole role) {
  switch (role) {
    case ContainerRole::Init:
      return {RestartPolicy::OnFailure, RestartPolicy::Never};
    case ContainerRole::Sidecar:
      return {RestartPolicy::Always};
    case ContainerRole::App:
      return {RestartPolicy::Always, RestartPolicy::OnFailure, RestartPolicy::Never};
  }
  return {};
}

/// All pods of two containers one of which joins the other in this way.
std::vector<ModelPod> all_pods_of_two(JoinKind kind) {
  std::vector<ModelPod> pods;
  for (const ContainerRole first : {ContainerRole::Init, ContainerRole::Sidecar, ContainerRole::App})
    for (const RestartPolicy its : policies_of(first))
      for (const RestartPolicy apps : policies_of(ContainerRole::App))
        for (const std::size_t joiner : {0, 1}) {
          if (kind == JoinKind::None && joiner == 1) continue;
          std::vector<ModelContainer> containers{{first, its}, {ContainerRole::App, apps}};
          containers[joiner].join = kind;
          containers[joiner].owner = 1 - joiner;
          pods.push_back(pod_of(containers));
        }
  return pods;
}

constexpr ModelContainer app_always{ContainerRole::App, RestartPolicy::Always};
constexpr ModelContainer app_once{ContainerRole::App, RestartPolicy::Never};
constexpr ModelContainer init_once{ContainerRole::Init, RestartPolicy::Never};
constexpr ModelContainer init_retried{ContainerRole::Init, RestartPolicy::OnFailure};
constexpr ModelContainer sidecar{ContainerRole::Sidecar, RestartPolicy::Always};

ModelContainer joining(ModelContainer container, JoinKind kind, std::size_t owner) {
  container.join = kind;
  container.owner = owner;
  return container;
}

ModelContainer with_probe(pod::ProbeKind kind, ModelContainer container) {
  container.probes[kind] = ProbePolicy{10s};
  return container;
}
ModelContainer with_hook(pod::HookKind kind, bool sleeps, ModelContainer container) {
  container.hooks[kind] = HookPolicy{};
  if (sleeps) container.hooks[kind]->sleep = 5s;
  return container;
}
/// Its exit with 1 restarts all containers.
ModelContainer restarting_all(ModelContainer container) {
  container.restarts_all = true;
  return container;
}

ModelPod with_deadline(ModelPod pod) {
  pod.has_deadline = true;
  return pod;
}
ModelPod probed(ModelPod pod) {
  for (ContainerSpec& each : pod.spec.containers) each.policy.probes[pod::ProbeKind::Liveness] = ProbePolicy{10s};
  return pod;
}
ModelPod awaiting(std::vector<std::size_t> awaited, ModelPod pod) {
  pod.awaited = std::move(awaited);
  return pod;
}

void search(const std::vector<ModelPod>& pods) {
  std::size_t states = 0, most = 0;
  for (const ModelPod& pod : pods) {
    const std::size_t found = Search(pod).run();
    states += found;
    most = std::max(most, found);
    if (testing::Test::HasFailure()) return;
  }
  std::printf("%zu pods, %zu states; the largest pod has %zu\n", pods.size(), states, most);
}

TEST(PodSearch, EveryPodOfOneContainerHoldsInEveryState) {
  std::vector<ModelPod> pods;
  for (const RestartPolicy policy : policies_of(ContainerRole::App)) {
    pods.push_back(pod_of({{ContainerRole::App, policy}}));
    pods.back().most_stops = 2;
  }
  search(pods);
}

TEST(PodSearch, PodsOfTwoContainersHoldInEveryState) {
  search({pod_of({app_once, app_once}), pod_of({joining(app_once, JoinKind::Mounts, 1), app_once}),
          pod_of({app_once, joining(app_once, JoinKind::Pid, 0)}),
          pod_of({app_once, joining(app_once, JoinKind::Held, 0)}), pod_of({init_retried, app_once}),
          pod_of({init_once, app_always}), pod_of({sidecar, app_once}),
          pod_of({joining(app_always, JoinKind::Mounts, 1), app_once}),
          pod_of({joining(app_always, JoinKind::Pid, 1), app_once})});
}

TEST(PodSearch, PodsWithADeadlineHoldInEveryState) {
  search({with_deadline(pod_of({app_always})), with_deadline(pod_of({app_once, app_once})),
          with_deadline(pod_of({init_retried, app_once}))});
}

TEST(PodSearch, PodsThatAwaitImagesHoldInEveryState) {
  search({awaiting({0}, pod_of({app_always})), awaiting({1}, pod_of({init_once, app_once})),
          awaiting({0, 1}, pod_of({sidecar, app_once})),
          awaiting({1}, pod_of({joining(app_once, JoinKind::Mounts, 1), app_once}))});
}

TEST(PodSearch, ProbedPodsHoldInEveryState) {
  search({probed(pod_of({app_always})), probed(with_deadline(pod_of({app_always}))), probed(pod_of({app_once}))});
}

TEST(PodSearch, PodsWithHooksAndProbesHoldInEveryState) {
  using enum pod::HookKind;
  using enum pod::ProbeKind;
  ModelPod twice = pod_of({with_hook(PreStop, false, with_probe(Liveness, app_always))});
  twice.most_stops = 2;
  search({twice, pod_of({with_hook(PostStart, false, with_hook(PreStop, false, app_once))}),
          pod_of({with_hook(PostStart, true, with_hook(PreStop, true, app_once))}),
          pod_of({with_probe(Startup, with_probe(Liveness, with_probe(Readiness, app_once)))}),
          pod_of({with_hook(PreStop, false, sidecar), app_once}), pod_of({with_probe(Startup, sidecar), app_once}),
          pod_of({with_hook(PostStart, false, app_once), app_once})});
}

TEST(PodSearch, PodsWhoseContainersAreAllRestartedHoldInEveryState) {
  search({pod_of({restarting_all(app_once)}), pod_of({restarting_all(app_once), app_once}),
          pod_of({init_once, restarting_all(app_once)}), pod_of({restarting_all(init_once), app_once})});
}

// ---- slow ----

TEST(PodSearchUnderKill, ProbedPodsOfTwoContainersHoldInEveryState) {
  search({probed(pod_of({app_once, app_always})), probed(pod_of({sidecar, app_once}))});
}

TEST(PodSearchUnderKill, EveryPodOfTwoContainersHoldsInEveryState) {
  search(all_pods_of_two(JoinKind::None));
}
TEST(PodSearchUnderKill, EveryPodOfTwoWithAHeldJoinHoldsInEveryState) {
  search(all_pods_of_two(JoinKind::Held));
}
TEST(PodSearchUnderKill, EveryPodOfTwoWithSharedMountsHoldsInEveryState) {
  search(all_pods_of_two(JoinKind::Mounts));
}
TEST(PodSearchUnderKill, EveryPodOfTwoWithSharedProcessesHoldsInEveryState) {
  search(all_pods_of_two(JoinKind::Pid));
}

TEST(PodSearchUnderKill, PodsOfThreeContainersHoldInEveryState) {
  search({pod_of({init_once, app_once, app_once}), pod_of({init_once, init_once, app_once}),
          pod_of({init_once, sidecar, app_once}), pod_of({sidecar, init_once, app_once}),
          pod_of({init_retried, init_once, app_once}), pod_of({sidecar, app_once, app_once}),
          pod_of({init_once, app_once, joining(app_once, JoinKind::Pid, 1)}),
          pod_of({sidecar, app_once, joining(app_once, JoinKind::Mounts, 1)}),
          pod_of({app_once, joining(app_once, JoinKind::Mounts, 0), joining(app_once, JoinKind::Pid, 0)}),
          pod_of({joining(app_once, JoinKind::Mounts, 1), joining(app_once, JoinKind::Pid, 2), app_once}),
          pod_of({joining(app_once, JoinKind::Mounts, 1), app_always, app_once}),
          pod_of({app_once, app_once, joining(app_once, JoinKind::Held, 0)})});
}

TEST(PodSearchUnderKill, PodsOfTwoContainersWithADeadlineHoldInEveryState) {
  search({with_deadline(pod_of({sidecar, app_always})), with_deadline(pod_of({sidecar, app_once})),
          with_deadline(pod_of({init_retried, app_always})),
          with_deadline(pod_of({app_once, joining(app_once, JoinKind::Pid, 0)})),
          with_deadline(pod_of({joining(app_always, JoinKind::Mounts, 1), app_once}))});
}

TEST(PodSearchUnderKill, PodsThatAwaitImagesHoldInEveryState) {
  search({awaiting({0, 1}, pod_of({app_once, app_once})), awaiting({0, 1}, pod_of({init_retried, app_always})),
          awaiting({0, 1}, pod_of({app_once, joining(app_once, JoinKind::Pid, 0)})),
          awaiting({0}, with_deadline(probed(pod_of({app_always})))),
          awaiting({1}, with_deadline(pod_of({sidecar, app_once}))),
          awaiting({1, 2}, pod_of({init_once, app_once, app_once}))});
}

}  // namespace
}  // namespace podrun::supervisor

// Commands in a running container, compared with those of the floor. Both take turns.
#include <thread>

#include <fmt/format.h>

#include "tests/bench/measurements.hpp"

namespace podrun::bench {
namespace {

/// The first process of a pod's only container.
Result<pid_t> container_of(pid_t pause) {
  const pid_t supervisor = TRY(supervisor_of(pause));
  for (const pid_t child : TRY(ns::children_of(pause)))
    if (child != supervisor) return child;
  return fail("the pause has no container");
}

}  // namespace

Result<Figures> measure_execs(BenchRoot& place) {
  // With -d, because a command needs a container that is on record as running.
  TRY_VOID(place.run(TRY(place.pod({.name = "exec", .containers = {"a"}}, {"-d"}))));
  const Running pod = TRY(place.pause_of("exec"));
  const pid_t container = TRY(container_of(pod.pid()));
  const std::vector<std::string> payload{"/bin/podrun-payload", "a", "nothing"};
  std::vector<std::string> floor{place.floor(), "enter", std::to_string(container)};
  std::vector<std::string> podrun{place.podrun(), "--root", place / "root", "exec", "exec/a", "--"};
  for (auto* const command : {&floor, &podrun}) command->insert(command->end(), payload.begin(), payload.end());

  Figures figures;
  for (const bool spaced : {false, true}) {
    std::vector<double> below, ours;
    for (int run = -place.scale().warm_ups; run < place.scale().runs; ++run) {
      if (spaced) std::this_thread::sleep_for(rest_between);
      const double first = TRY(place.run(floor));
      if (spaced) std::this_thread::sleep_for(rest_between);
      const double second = TRY(place.run(podrun));
      if (run < 0) continue;
      below.push_back(first);
      ours.push_back(second);
    }
    figures.push_back({.name = spaced ? "exec.spaced" : "exec.close",
                       .what = fmt::format("exec of a static program that does nothing, {}",
                                           spaced ? "100 ms apart" : "back to back"),
                       .unit = "ms",
                       .value = median(ours),
                       .beside = Beside{"floor", median(below)},
                       .target = Target{Target::Kind::AtMostTimes, 2}});
  }
  return figures;
}

}  // namespace podrun::bench

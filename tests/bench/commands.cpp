// The time of commands from execution to exit, compared with a cold start of the floor. Both take turns.
#include <signal.h>

#include <optional>
#include <thread>

#include <fmt/format.h>

#include "tests/bench/measurements.hpp"

namespace podrun::bench {
namespace {

/// The time from the command line until both containers of the floor run, in milliseconds.
Result<double> start_floor(BenchRoot& place) {
  auto [running, marks] = TRY(place.start(place.floor_pod("pod"), 2));
  const double took = milliseconds(latest(marks) - running.began());
  running.signal(SIGTERM);
  TRY_VOID(running.wait());
  return took;
}

/// The time of `podrun -d` in milliseconds. Then ends the pod, as soon as its containers can be stopped.
Result<double> detach(BenchRoot& place, const std::vector<std::string>& command, const std::string& name) {
  place.stage().clear();
  const double took = TRY(place.run(command));
  Running pod = TRY(place.pause_of(name));
  (void)TRY(place.stage().read(2, pod));
  pod.signal(SIGTERM);
  TRY_VOID(pod.wait());
  return took;
}

Figure figure(std::string name, std::string what, const std::vector<double>& times, const std::vector<double>& floor,
              std::optional<Target> target = {}) {
  return {.name = std::move(name),
          .what = std::move(what),
          .unit = "ms",
          .value = median(times),
          .beside = Beside{"floor's cold start", median(floor)},
          .target = target};
}

Result<Figures> measure_commands(BenchRoot& place, bool spaced) {
  const auto detached = TRY(place.pod({.name = "detached"}, {"-d"}));
  const auto once = TRY(place.pod({.name = "once", .habit = "nothing", .restart_policy = "Never"}));
  const auto rest = [&] {
    if (spaced) std::this_thread::sleep_for(rest_between);
  };
  std::vector<double> floors, starts, runs;
  for (int run = -place.scale().warm_ups; run < place.scale().runs; ++run) {
    rest();
    const double floor = TRY(start_floor(place));
    rest();
    const double start = TRY(detach(place, detached, "detached"));
    rest();
    const double whole = TRY(place.run(once));
    if (run < 0) continue;
    floors.push_back(floor);
    starts.push_back(start);
    runs.push_back(whole);
  }
  for (const char* name : {"detached", "once"}) TRY_VOID(place.check_that_nothing_is_left(name));
  const std::string when = spaced ? "100 ms apart" : "back to back", suffix = spaced ? ".spaced" : ".close";
  return Figures{figure("detach" + suffix, "podrun -d of two containers, " + when, starts, floors,
                        Target{Target::Kind::AtMostTimes, 2.5}),
                 figure("once" + suffix, "podrun of two that end at once, " + when, runs, floors)};
}

}  // namespace

Result<Figures> measure_commands(BenchRoot& place) {
  Figures figures = TRY(measure_commands(place, false));
  for (Figure& figure : TRY(measure_commands(place, true))) figures.push_back(std::move(figure));
  return figures;
}

}  // namespace podrun::bench

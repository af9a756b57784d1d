// Starts, restarts and ends, each compared with that of the floor. Both take turns, so that a slow period of the
// machine affects both.
#include <signal.h>

#include <thread>

#include <fmt/format.h>

#include "tests/bench/measurements.hpp"

namespace podrun::bench {
namespace {

/// Times of the floor and of podrun, in milliseconds.
struct Pair {
  std::vector<double> floor, podrun;

  Figure figure(std::string name, std::string what, Target target) const {
    return {.name = std::move(name),
            .what = std::move(what),
            .unit = "ms",
            .value = median(podrun),
            .beside = Beside{"floor", median(floor)},
            .target = target};
  }
};

/// The time from SIGTERM until the process has ended, in milliseconds.
Result<double> end(Running& running) {
  const Nanoseconds asked = monotonic_now();
  running.signal(SIGTERM);
  TRY_VOID(running.wait());
  return milliseconds(monotonic_now() - asked);
}

struct Sample {
  double start, end;
};

Result<Sample> start_and_end(BenchRoot& place, const std::vector<std::string>& command) {
  auto [running, marks] = TRY(place.start(command, 2));
  const double start = milliseconds(latest(marks) - running.began());
  return Sample{start, TRY(end(running))};
}

Result<Figures> measure_starts(BenchRoot& place, bool spaced) {
  const auto podrun = TRY(place.pod({.name = "start"}));
  const auto floor = place.floor_pod("pod");
  Pair starts, ends;
  for (int run = -place.scale().warm_ups; run < place.scale().runs; ++run)
    for (const bool ours : {false, true}) {
      if (spaced) std::this_thread::sleep_for(rest_between);
      const Sample sample = TRY(start_and_end(place, ours ? podrun : floor));
      if (run < 0) continue;
      (ours ? starts.podrun : starts.floor).push_back(sample.start);
      (ours ? ends.podrun : ends.floor).push_back(sample.end);
    }
  TRY_VOID(place.check_that_nothing_is_left("start"));
  const char* const when = spaced ? "100 ms apart" : "back to back";
  const std::string suffix = spaced ? ".spaced" : ".close";
  const Target start_target{Target::Kind::AtMostTimes, 2}, end_target{Target::Kind::AtMostTimes, 4};
  return Figures{
      starts.figure("start" + suffix, fmt::format("cold start of two containers, {}", when), start_target),
      ends.figure("stop" + suffix, "  SIGTERM → everything gone", end_target)};
}

/// The time from the kill of both containers until the pod, which does not restart them, has ended.
Result<double> kill_containers(BenchRoot& place, const std::vector<std::string>& command) {
  auto [running, marks] = TRY(place.start(command, 2));
  const pid_t supervisor = TRY(supervisor_of(running.pid()));
  std::vector<ns::Process> containers;
  for (const pid_t child : TRY(ns::children_of(running.pid())))
    if (child != supervisor) containers.push_back(TRY(ns::open_process(child)));
  const Nanoseconds began = monotonic_now();
  for (const ns::Process& container : containers) TRY_VOID(ns::send_signal(container, SIGKILL));
  TRY_VOID(running.wait());
  return milliseconds(monotonic_now() - began);
}

/// The time from the exit of the first instance to the start of the second one.
Result<double> restart(BenchRoot& place, const std::vector<std::string>& command) {
  auto [running, marks] = TRY(place.start(command, 3));
  TRY_VOID(end(running));
  return milliseconds(marks[2].at - marks[1].at);
}

Result<Figure> measure_restarts(BenchRoot& place, bool spaced) {
  const std::string rest = std::to_string(spaced ? rest_between.count() : 0);
  const auto podrun =
      TRY(place.pod({.name = "restart", .containers = {"a"}, .habit = "once, \"" + rest + "\""}));
  const auto floor = place.floor_pod("restart", {rest});
  Pair restarts;
  for (int run = -place.scale().warm_ups; run < place.scale().runs; ++run)
    for (const bool ours : {false, true}) {
      const double taken = TRY(restart(place, ours ? podrun : floor));
      if (run >= 0) (ours ? restarts.podrun : restarts.floor).push_back(taken);
    }
  TRY_VOID(place.check_that_nothing_is_left("restart"));
  return restarts.figure(
      spaced ? "restart.spaced" : "restart.close",
      fmt::format("exit → successor runs, {}", spaced ? "after 100 ms of rest" : "at once"),
      {Target::Kind::AtMostTimes, 2});
}

}  // namespace

Result<Figures> measure_starts(BenchRoot& place) {
  Figures figures = TRY(measure_starts(place, false));
  for (Figure& figure : TRY(measure_starts(place, true))) figures.push_back(std::move(figure));
  return figures;
}

Result<Figures> measure_restarts(BenchRoot& place) {
  return Figures{TRY(measure_restarts(place, false)), TRY(measure_restarts(place, true))};
}

Result<Figures> measure_teardown(BenchRoot& place) {
  const auto podrun = TRY(place.pod({.name = "killed", .restart_policy = "Never"}));
  const auto floor = place.floor_pod("pod");
  Pair ends;
  for (int run = -place.scale().warm_ups; run < place.scale().runs; ++run) {
    const Sample below = TRY(start_and_end(place, floor));
    const double ours = TRY(kill_containers(place, podrun));
    if (run < 0) continue;
    ends.floor.push_back(below.end);
    ends.podrun.push_back(ours);
  }
  TRY_VOID(place.check_that_nothing_is_left("killed"));
  return Figures{ends.figure("teardown", "containers killed → everything gone", {Target::Kind::AtMostTimes, 4})};
}

}  // namespace podrun::bench

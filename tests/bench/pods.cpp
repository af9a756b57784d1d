// Hundreds of pods at the same time.
#include <signal.h>

#include <algorithm>
#include <optional>
#include <sstream>

#include <fmt/format.h>

#include "tests/bench/measurements.hpp"
#include "tests/system/support/procfs.hpp"

namespace podrun::bench {
namespace {

/// The memory of a process, in kB.
struct Memory {
  long share = 0;  ///< PSS: its private memory, and its part of the shared memory
  long own = 0;    ///< its private memory
};

Memory memory_of(pid_t pid) {
  Memory memory;
  for (const std::string& line : test::lines_of(test::proc_file(pid, "smaps_rollup"))) {
    std::istringstream words(line);
    std::string name;
    long kilobytes = 0;
    words >> name >> kilobytes;
    if (name == "Pss:") memory.share += kilobytes;
    if (name == "Private_Clean:" || name == "Private_Dirty:") memory.own += kilobytes;
  }
  return memory;
}

/// The mean over all pods.
Result<Figures> measure_memory(const std::vector<Running>& pods) {
  Memory pauses, supervisors;
  for (const Running& pod : pods) {
    const pid_t supervisor = TRY(supervisor_of(pod.pid()));
    for (const auto& [process, sum] : {std::pair{pod.pid(), &pauses}, {supervisor, &supervisors}}) {
      const Memory memory = memory_of(process);
      if (memory.share == 0) return fail(fmt::format("process {} tells nothing of its memory", process));
      sum->share += memory.share;
      sum->own += memory.own;
    }
  }
  const auto figure = [&](std::string name, std::string what, long kilobytes,
                          std::optional<Target> target = {}) {
    return Figure{.name = "memory." + name,
                  .what = std::move(what),
                  .unit = "kB",
                  .value = static_cast<double>(kilobytes) / static_cast<double>(pods.size()),
                  .target = target};
  };
  return Figures{figure("pod", fmt::format("PSS of supervisor and pause, {} pods running", pods.size()),
                        supervisors.share + pauses.share, Target{Target::Kind::AtMost, 1024}),
                 figure("supervisor", "  supervisor", supervisors.share),
                 figure("supervisor.private", "  supervisor, private", supervisors.own),
                 figure("pause", "  pause", pauses.share),
                 figure("pause.private", "  pause, private", pauses.own, Target{Target::Kind::AtMost, 100})};
}

std::size_t mounts_of_host() {
  return test::lines_of(test::contents_of("/proc/self/mountinfo")).size();
}

/// Stops all pods at once and waits for each of them.
Result<> stop(std::vector<Running>& pods) {
  for (const Running& pod : pods) pod.signal(SIGTERM);
  for (Running& pod : pods) TRY_VOID(pod.wait());
  return {};
}

/// A start of a pod, by podrun or by the floor.
struct Start {
  Running running;
  double took;  // ms
};

Result<Start> start(BenchRoot& place, const std::vector<std::string>& command) {
  auto [running, marks] = TRY(place.start(command, 2));
  const double took = milliseconds(latest(marks) - running.began());
  return Start{std::move(running), took};
}

/// The median of the floor's starts on the machine as it is now.
Result<double> floor_now(BenchRoot& place) {
  std::vector<double> starts;
  for (int run = 0; run < place.scale().runs; ++run)
    starts.push_back(TRY(start(place, place.floor_pod("pod"))).took);
  return median(starts);
}

/// Compares the last ten starts with the first ten. Single starts vary too much.
Figure compare_starts(const std::vector<double>& starts) {
  constexpr std::size_t compared_starts = 10;
  const auto count = static_cast<std::ptrdiff_t>(std::min(compared_starts, (starts.size() + 1) / 2));
  return {.name = "pods.last",
          .what = fmt::format("start, while {} pods run", starts.size()),
          .unit = "ms",
          .value = median({starts.end() - count, starts.end()}),
          .beside = Beside{"the first", median({starts.begin(), starts.begin() + count})},
          .target = Target{Target::Kind::AtMostTimes, 2}};
}

/// The part of the time that the floor needs, too.
Figure compare_floors(double first, double last) {
  return {.name = "pods.floor",
          .what = "  the floor's, likewise",
          .unit = "ms",
          .value = last,
          .beside = Beside{"while none ran", first}};
}

}  // namespace

Result<Figures> measure_pods(BenchRoot& place) {
  const std::size_t mounts_before = mounts_of_host();
  const double floor_before = TRY(floor_now(place));
  Figures figures;
  std::vector<Running> pods;
  std::vector<double> starts;
  for (int number = 1; number <= place.scale().pods; ++number) {
    const auto command = TRY(place.pod({.name = fmt::format("pod-{}", number)}));
    auto [running, took] = TRY(start(place, command));
    starts.push_back(took);
    pods.push_back(std::move(running));
    if (number == place.scale().pods_for_memory) figures = TRY(measure_memory(pods));
  }
  const auto mounts_added = static_cast<double>(mounts_of_host()) - static_cast<double>(mounts_before);
  figures.push_back(compare_starts(starts));
  figures.push_back(compare_floors(floor_before, TRY(floor_now(place))));
  figures.push_back({.name = "pods.mounts",
                     .what = fmt::format("lines that {} pods add to the host's mountinfo", pods.size()),
                     .unit = "",
                     .value = mounts_added,
                     .target = Target{Target::Kind::AtMost, 0}});
  const Nanoseconds asked = monotonic_now();
  TRY_VOID(stop(pods));
  figures.push_back({.name = "pods.stop",
                     .what = fmt::format("{} pods stopped at the same time", pods.size()),
                     .unit = "ms",
                     .value = milliseconds(monotonic_now() - asked)});
  for (int number = 1; number <= place.scale().pods; ++number)
    TRY_VOID(place.check_that_nothing_is_left(fmt::format("pod-{}", number)));
  return figures;
}

}  // namespace podrun::bench

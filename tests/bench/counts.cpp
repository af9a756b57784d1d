// Page faults and system calls of a start with -d and of the stop, compared with those of the floor.
#include <signal.h>

#include <algorithm>
#include <sstream>

#include <fmt/format.h>

#include "tests/bench/event_counter.hpp"
#include "tests/bench/measurements.hpp"
#include "tests/system/support/procfs.hpp"

namespace podrun::bench {
namespace {

/// The counts of a start and of a start with its stop.
struct Samples {
  std::vector<double> start_faults, start_calls, whole_faults, whole_calls;

  void add(const EventCounts& start, const EventCounts& whole) {
    start_faults.push_back(start.faults);
    start_calls.push_back(start.calls);
    whole_faults.push_back(whole.faults);
    whole_calls.push_back(whole.calls);
  }
};

/// The page faults of a process so far, which are the 10th field of /proc/PID/stat.
double faults_of(pid_t pid) {
  const std::string line = test::proc_file(pid, "stat");
  std::istringstream words(line.substr(std::min(line.rfind(')'), line.size())));
  std::string word;
  for (int field = 2; field <= 10; ++field) words >> word;
  return word.empty() ? 0 : std::stod(word);
}

struct PodFaults {
  std::vector<double> supervisor, pause;
};

/// The floor: from the command until its containers run, and until all is gone.
Result<> count_floor(BenchRoot& place, Samples& samples) {
  const EventCounter counter = TRY(EventCounter::begin());
  auto [running, marks] = TRY(place.start(place.floor_pod("pod"), 2));
  const EventCounts start = counter.read();
  running.signal(SIGTERM);
  TRY_VOID(running.wait());
  samples.add(start, counter.read());
  return {};
}

/// podrun -d: until the command has returned and the containers run, and until the pod is gone.
Result<> count_detached(BenchRoot& place, const std::vector<std::string>& command, Samples& samples,
                        PodFaults& faults) {
  const EventCounter counter = TRY(EventCounter::begin());
  place.stage().clear();
  TRY_VOID(place.run(command));
  Running pod = TRY(place.pause_of("counts"));
  (void)TRY(place.stage().read(2, pod));
  const EventCounts start = counter.read();
  faults.supervisor.push_back(faults_of(TRY(supervisor_of(pod.pid()))));
  faults.pause.push_back(faults_of(pod.pid()));
  pod.signal(SIGTERM);
  TRY_VOID(pod.wait());
  samples.add(start, counter.read());
  return {};
}

}  // namespace

Result<Figures> measure_counts(BenchRoot& place) {
  if (const auto counter = EventCounter::begin(); !counter) {
    fmt::print("page faults and system calls cannot be counted here: {}\n", counter.error().message);
    return Figures{};
  }
  const auto command = TRY(place.pod({.name = "counts"}, {"-d"}));
  Samples floor, podrun;
  PodFaults pod;
  for (int run = -place.scale().warm_ups; run < place.scale().count_runs; ++run) {
    Samples ignored;
    PodFaults ignored_pod;
    TRY_VOID(count_floor(place, run < 0 ? ignored : floor));
    TRY_VOID(count_detached(place, command, run < 0 ? ignored : podrun, run < 0 ? ignored_pod : pod));
  }
  TRY_VOID(place.check_that_nothing_is_left("counts"));
  const auto figure = [](std::string name, std::string what, const std::vector<double>& values,
                         const std::vector<double>* beside = nullptr) {
    Figure made{.name = std::move(name), .what = std::move(what), .unit = "", .value = median(values)};
    if (beside != nullptr) made.beside = Beside{"floor", median(*beside)};
    return made;
  };
  return Figures{
      figure("faults.start", "page faults, podrun -d of two containers", podrun.start_faults, &floor.start_faults),
      figure("faults.supervisor", "  of its supervisor", pod.supervisor),
      figure("faults.pause", "  of its pause", pod.pause),
      figure("faults.whole", "  with the stop", podrun.whole_faults, &floor.whole_faults),
      figure("calls.start", "system calls, podrun -d of two containers", podrun.start_calls, &floor.start_calls),
      figure("calls.whole", "  with the stop", podrun.whole_calls, &floor.whole_calls)};
}

}  // namespace podrun::bench

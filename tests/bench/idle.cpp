// The wakeups of an idle pod's processes.
#include <signal.h>

#include <thread>

#include <fmt/format.h>

#include "tests/bench/measurements.hpp"
#include "tests/system/support/procfs.hpp"

namespace podrun::bench {
namespace {

/// The number of context switches of a process, which does not change while it sleeps.
long switches_of(pid_t pid) {
  long switches = 0;
  for (const char* kind : {"voluntary_ctxt_switches", "nonvoluntary_ctxt_switches"}) {
    const std::string count = test::status_of(pid, kind);
    switches += count.empty() ? 0 : std::stol(count);
  }
  return switches;
}

}  // namespace

Result<IdlePod> IdlePod::start(BenchRoot& place) {
  const auto command = TRY(place.pod({.name = "idle"}));
  auto [running, marks] = TRY(place.start(command, 2));
  IdlePod pod(place, std::move(running));
  pod.supervisor_ = TRY(supervisor_of(pod.running_.pid()));
  std::this_thread::sleep_for(rest_between);  // until the work of the start itself is over
  pod.since_ = monotonic_now();
  pod.pause_before_ = switches_of(pod.running_.pid());
  pod.supervisor_before_ = switches_of(pod.supervisor_);
  return pod;
}

Result<Figures> IdlePod::finish() {
  const Nanoseconds end = since_ + place_->scale().idle;
  if (const Nanoseconds now = monotonic_now(); now < end) std::this_thread::sleep_for(end - now);
  const long pause = switches_of(running_.pid()) - pause_before_;
  const long supervisor = switches_of(supervisor_) - supervisor_before_;
  if (supervisor < 0) return fail("the idle pod's supervisor has ended");
  const double seconds = std::chrono::duration<double>(monotonic_now() - since_).count();
  running_.signal(SIGTERM);
  TRY_VOID(running_.wait());
  const auto figure = [&](std::string name, std::string what, long wake_ups) {
    return Figure{.name = std::move(name),
                  .what = fmt::format("wake-ups of an idle pod's {}, in {:.0f} s", what, seconds),
                  .unit = "",
                  .value = static_cast<double>(wake_ups),
                  .target = Target{Target::Kind::AtMost, 0}};
  };
  return Figures{figure("idle.pause", "pause", pause), figure("idle.supervisor", "supervisor", supervisor)};
}

}  // namespace podrun::bench

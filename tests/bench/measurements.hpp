// The measurements. Each returns its figures, or the reason why it could not be made.
#pragma once

#include "tests/bench/bench_root.hpp"
#include "tests/bench/figure.hpp"

namespace podrun::bench {

/// The time until podrun is loaded, compared with a static and a dynamic program that do nothing.
Result<Figures> measure_load(BenchRoot& place);
/// From the command line until both containers run, and from the request to stop until everything is gone. Back to
/// back, and after rests.
Result<Figures> measure_starts(BenchRoot& place);
/// `podrun -d` of the same pod, and `podrun` of a pod that ends at once, from execution to exit, compared with a cold
/// start of the floor.
Result<Figures> measure_commands(BenchRoot& place);
/// Page faults and system calls of `podrun -d` and of the stop, compared with those of the floor. Nothing where the
/// kernel does not count them.
Result<Figures> measure_counts(BenchRoot& place);
/// From the kill of the containers until everything is gone.
Result<Figures> measure_teardown(BenchRoot& place);
/// From a container's exit until its successor runs: at once, and after a rest.
Result<Figures> measure_restarts(BenchRoot& place);
/// Commands in a running container, back to back and after rests.
Result<Figures> measure_execs(BenchRoot& place);
/// What a network adds to a cold start and to the stop, compared with the floor, which sends the same requests.
Result<Figures> measure_networks(BenchRoot& place);
/// A new connection to a pod while it runs alone, and while hundreds of pods run.
Result<Figures> measure_connections(BenchRoot& place);
/// 1,000 network probes a second: the CPU time of the prober and of the supervisor, how late they are, and memory.
Result<Figures> measure_probes(BenchRoot& place);
/// The throughput of logs, compared with a plain copy and with conmon.
Result<Figures> measure_logs(BenchRoot& place);
/// Hundreds of pods at the same time: their memory, the start of the last one, and the mounts of the host.
Result<Figures> measure_pods(BenchRoot& place);

/// An idle pod, which is watched during other measurements.
class IdlePod {
 public:
  static Result<IdlePod> start(BenchRoot& place);
  /// Returns how often its processes woke up, when it has been watched for long enough.
  Result<Figures> finish();

 private:
  IdlePod(BenchRoot& place, Running running) : place_(&place), running_(std::move(running)) {}

  BenchRoot* place_;
  Running running_;
  pid_t supervisor_ = 0;
  long pause_before_ = 0, supervisor_before_ = 0;
  Nanoseconds since_{0};
};

}  // namespace podrun::bench

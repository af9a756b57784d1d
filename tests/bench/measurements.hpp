// What can be measured. Each gives its figures, or says why it could not be made.
#pragma once

#include "tests/bench/bench_root.hpp"
#include "tests/bench/figure.hpp"

namespace podrun::bench {

/// Executing podrun until it could begin its work, beside a static and a dynamic program that do nothing.
Result<Figures> measure_load(BenchRoot& place);
/// Command line → both containers run, and asked to end → everything is gone: back to back, and after rests.
Result<Figures> measure_starts(BenchRoot& place);
/// `podrun -d` of the same pod, and `podrun` of one that ends at once: from execution to exit, beside the floor's cold
/// start.
Result<Figures> measure_commands(BenchRoot& place);
/// Containers killed → everything is gone.
Result<Figures> measure_teardown(BenchRoot& place);
/// A container's exit → its successor runs: at once, and after a rest.
Result<Figures> measure_restarts(BenchRoot& place);
/// Commands in a running container: at once one after the other, and after rests.
Result<Figures> measure_execs(BenchRoot& place);
/// Lines from a container to its log, beside a plain copy and conmon.
Result<Figures> measure_logs(BenchRoot& place);
/// Hundreds of pods at the same time: memory, the last one's start, the host's mounts.
Result<Figures> measure_pods(BenchRoot& place);

/// A pod that does nothing, watched while other things are measured.
class IdlePod {
 public:
  static Result<IdlePod> start(BenchRoot& place);
  /// When it has been watched for long enough: how often its processes woke up.
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

// Counts page faults and system calls of processes. Unlike times, these counts do not depend on the machine.
#pragma once

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::bench {

/// What a command and all processes that it makes have done so far.
struct EventCounts {
  double faults = 0;
  double calls = 0;
};

/// Counts events of each child that executes a program while this exists, and of all that such a child makes.
class EventCounter {
 public:
  /// Errors: perf_event_open(2). The kernel may have no tracepoints for system calls, or a container may not use them.
  static Result<EventCounter> begin();
  EventCounts read() const;

 private:
  EventCounter(Fd faults, Fd calls) : faults_(std::move(faults)), calls_(std::move(calls)) {}

  Fd faults_, calls_;
};

}  // namespace podrun::bench

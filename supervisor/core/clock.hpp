// Reads the clocks. No other file does: the time is an argument everywhere else.
#pragma once

#include <time.h>

#include <chrono>
#include <string>

#include "namespaces/kernel/files.hpp"
#include "supervisor/core/times.hpp"

namespace podrun::supervisor {

/// CLOCK_BOOTTIME now. It also counts the time in which the machine is suspended, so deadlines do not move.
inline BootTime boot_now() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// CLOCK_MONOTONIC now.
inline MonotonicTime monotonic_now() { return std::chrono::steady_clock::now(); }

/// Identifies the boot that CLOCK_BOOTTIME counts from: /proc/sys/kernel/random/boot_id, random(4).
inline std::string boot_id() { return ns::read_file("/proc/sys/kernel/random/boot_id").value_or("").substr(0, 36); }

/// The wall clock now, in UTC.
inline WallTime wall_now() { return std::chrono::system_clock::now(); }

}  // namespace podrun::supervisor

// The clocks, read here and nowhere else: time enters everything else as an argument.
#pragma once

#include <time.h>

#include <chrono>

#include "supervisor/backoff.hpp"
#include "supervisor/cri.hpp"

namespace podrun::supervisor {

/// CLOCK_BOOTTIME now: deadlines go on while the machine sleeps.
inline BootTime boot_now() {
  timespec now{};
  ::clock_gettime(CLOCK_BOOTTIME, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}

/// The wall clock now, in UTC.
inline WallTime wall_now() { return std::chrono::system_clock::now(); }

}  // namespace podrun::supervisor

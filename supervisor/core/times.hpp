// Points in time, as types. Pure: core/clock.hpp reads the clocks.
#pragma once

#include <chrono>

namespace podrun::supervisor {

/// A point on CLOCK_BOOTTIME, as the time since boot. This clock runs on while the machine is suspended.
using BootTime = std::chrono::nanoseconds;

/// A point on the wall clock, in UTC.
using WallTime = std::chrono::sys_time<std::chrono::nanoseconds>;

}  // namespace podrun::supervisor

// Timers as data: each has a name, and a generation that tells an outdated firing from the present one. Pure.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "supervisor/core/times.hpp"

namespace podrun::supervisor {

/// The timers of a container, then those of its pod.
enum class TimerName : std::uint8_t {
  Backoff,   ///< the next instance is due
  Grace,     ///< the instance has had its time: for its preStop hook, then to end, and is killed
  Hook,      ///< a hook that sleeps has slept
  Deadline,  ///< the pod's: it has run for as long as it may (activeDeadlineSeconds)
};
/// The number of names.
inline constexpr std::size_t timer_names = 4;
/// The number of those that a container has; they come first.
inline constexpr std::size_t container_timers = 3;
/// The name as text, e.g. "Backoff".
std::string_view to_string(TimerName name);

/// One timer.
struct Timer {
  std::uint64_t generation = 0;  ///< counts its changes; a firing of an older generation is outdated
  std::optional<BootTime> due;   ///< empty: it does not run

  bool operator==(const Timer&) const = default;
};

/// The timers of a container or of a pod, by name. What happens to one does not touch another.
class Timers {
 public:
  Timer& operator[](TimerName name) { return timers_[static_cast<std::size_t>(name)]; }
  const Timer& operator[](TimerName name) const { return timers_[static_cast<std::size_t>(name)]; }

  /// Sets the time of a timer, in a new generation.
  void set(TimerName name, BootTime due);
  /// Stops a timer: a firing that is under way is outdated.
  void cancel(TimerName name);
  void cancel_all();
  /// Whether a firing of that generation is that of the timer which runs.
  bool is_current(TimerName name, std::uint64_t generation) const;

  bool operator==(const Timers&) const = default;

 private:
  std::array<Timer, timer_names> timers_;
};

}  // namespace podrun::supervisor

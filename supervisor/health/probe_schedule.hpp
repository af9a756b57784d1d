// When the attempts of a probe begin. Pure.
#pragma once

#include <chrono>

#include "supervisor/core/times.hpp"

namespace podrun::supervisor {

/// The first attempt is due at an instant, and the others each period after it. Of the instants that pass while an
/// attempt is in flight only the last one is made up for, as with a ticker.
class ProbeSchedule {
 public:
  ProbeSchedule(MonotonicTime first, std::chrono::nanoseconds period) : due_(first), period_(period) {}

  /// When the next attempt is due; if that is past, it begins at once.
  MonotonicTime due() const { return due_; }
  /// An attempt has ended, or was given up.
  void attempted(MonotonicTime now) {
    due_ += period_;
    if (due_ < now) due_ += (now - due_) / period_ * period_;
  }

 private:
  MonotonicTime due_;
  std::chrono::nanoseconds period_;
};

}  // namespace podrun::supervisor

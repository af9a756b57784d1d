// Watches whether the supervisor still works. It is asked when there is work for it: a container has ended, a stop
// request has come, it was stopped by a signal, or it has used much CPU time. Otherwise it is not asked, and an idle
// pod wakes no process. No heap.
#pragma once

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

namespace podrun::pause {

/// Watches one supervisor at a time.
class Watchdog {
 public:
  /// Begins with a new supervisor, which has some time to adopt what the pause holds.
  void begin(pid_t supervisor);
  /// The supervisor has adopted and is asked from now on; it answers within so many milliseconds. 0: it must not be
  /// asked.
  void adopted(int32_t answer_timeout_ms);
  /// Asks, unless an answer is still due. Returns whether it asked now.
  bool ask();
  /// The supervisor has answered.
  void answered() { deadline_ms_ = never; }
  /// The supervisor is gone, or must not be asked any more.
  void end();
  /// Whether no answer has come in time; true once. From then on hung() is true until the next begin().
  bool has_expired();
  bool hung() const { return hung_; }

  /// How long poll(2) may wait: milliseconds, -1 without a limit.
  int timeout_ms() const;

 private:
  static constexpr int64_t never = -1;
  static int64_t now_ms();

  int32_t answer_timeout_ms_ = 0;
  int64_t deadline_ms_ = never;
  bool hung_ = false;
  bool has_timer_ = false;
  int timer_ = 0;  ///< of the supervisor's CPU time: SIGRTMIN at intervals while it is busy
};

}  // namespace podrun::pause

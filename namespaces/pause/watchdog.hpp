// Whether the supervisor still does its work. It is asked when there is some: a container has ended, a stop has come,
// it was stopped by a signal, it has used much CPU time. In between nothing is asked, and an idle pod wakes nobody. No
// heap.
#pragma once

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

namespace podrun::pause {

/// The pause's watch over one supervisor after the other.
class Watchdog {
 public:
  /// A new supervisor: it has some time to adopt what the pause holds.
  void begin(pid_t supervisor);
  /// It has adopted, and wants to be asked; within so many milliseconds it answers. 0: it must not be asked.
  void adopted(int32_t answer_timeout_ms);
  /// Asks, unless a question is open. Whether a question was asked now.
  bool ask();
  /// It has answered.
  void answered() { deadline_ms_ = never; }
  /// It is gone, or must not be asked any more.
  void end();
  /// Whether no answer has come in time; true once. From then on it hung() until the next begins.
  bool has_expired();
  bool hung() const { return hung_; }

  /// What poll(2) may wait: milliseconds, -1 without an end.
  int timeout_ms() const;

 private:
  static constexpr int64_t never = -1;
  static int64_t now_ms();

  int32_t answer_timeout_ms_ = 0;
  int64_t deadline_ms_ = never;
  bool hung_ = false;
  bool has_timer_ = false;
  int timer_ = 0;  ///< of the supervisor's CPU time: SIGRTMIN now and then while it is busy
};

}  // namespace podrun::pause

// Decides which signals are requests to stop, for the pause and for a process that waits for several pauses. Pure. No
// heap.
#pragma once

#include <signal.h>
#include <stdint.h>

namespace podrun::pause {

/// A signal as signalfd(2) and sigwaitinfo(2) report it.
struct ReceivedSignal {
  uint32_t signal;
  int32_t code;     ///< SI_KERNEL: it comes from a terminal
  uint32_t sender;  ///< the pid of its sender
  int64_t at_ms;    ///< when it was read
};

/// Counts the requests: INT, TERM and HUP. If a process sends a signal first to the receiver and then to its process
/// group, as timeout(1) does, that is one request. So are all hang-ups of one terminal: that of the shell, and that of
/// the kernel when the shell has ended.
class StopSignals {
 public:
  /// From now on HUP is no request: it was ignored when the process started, as by nohup(1).
  void ignore_hangups() { ignores_hangups_ = true; }

  /// Adds a signal and returns whether it is a new request.
  bool add(const ReceivedSignal& received) {
    Last* const last = last_of(received.signal);
    if (last == nullptr || (last->known && is_repeat(received, *last))) return false;
    *last = {true, received.code == SI_KERNEL, received.sender, received.at_ms};
    ++count_;
    return true;
  }

  /// The number of requests so far.
  int32_t count() const { return count_; }

 private:
  static constexpr int64_t repeat_window_ms = 200;  ///< a signal that is repeated later is another request

  struct Last {
    bool known = false;
    bool from_kernel = false;
    uint32_t sender = 0;
    int64_t at_ms = 0;
  };

  Last* last_of(uint32_t signal) {
    if (signal == SIGINT) return &interrupt_;
    if (signal == SIGTERM) return &terminate_;
    return signal == SIGHUP && !ignores_hangups_ ? &hangup_ : nullptr;
  }

  static bool is_repeat(const ReceivedSignal& received, const Last& last) {
    const bool soon = received.at_ms - last.at_ms < repeat_window_ms, from_kernel = received.code == SI_KERNEL;
    if (received.signal == SIGHUP && (from_kernel || last.from_kernel)) return from_kernel || soon;
    return soon && !from_kernel && !last.from_kernel && received.sender == last.sender;  // each key press counts
  }

  bool ignores_hangups_ = false;
  int32_t count_ = 0;
  Last interrupt_, terminate_, hangup_;
};

}  // namespace podrun::pause

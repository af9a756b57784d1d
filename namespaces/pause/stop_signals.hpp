// Which signals ask the pause, or who waits for several of them, to stop. Pure. No heap.
#pragma once

#include <signal.h>
#include <stdint.h>

namespace podrun::pause {

/// A signal, as signalfd(2) and sigwaitinfo(2) tell of it.
struct ReceivedSignal {
  uint32_t signal;
  int32_t code;     ///< SI_KERNEL: of a terminal
  uint32_t sender;  ///< its pid
  int64_t at_ms;    ///< when it was read
};

/// Counts the requests: INT, TERM and HUP. What a process sends first to us and then to our process group, as
/// timeout(1) does, is one request. So are all the hang-ups of one terminal: of the shell, and of the kernel when the
/// shell has ended.
class StopSignals {
 public:
  /// No HUP is a request: it was ignored when we were started, as by nohup(1).
  void ignore_hangups() { ignores_hangups_ = true; }

  /// Whether this signal is one more request.
  bool add(const ReceivedSignal& heard) {
    Last* const last = last_of(heard.signal);
    if (last == nullptr || (last->known && is_repeat(heard, *last))) return false;
    *last = {true, heard.code == SI_KERNEL, heard.sender, heard.at_ms};
    ++count_;
    return true;
  }

  /// Of all requests so far.
  int32_t count() const { return count_; }

 private:
  static constexpr int64_t repeat_window_ms = 200;  ///< who repeats a signal later than that wants it to count

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

  static bool is_repeat(const ReceivedSignal& heard, const Last& last) {
    const bool soon = heard.at_ms - last.at_ms < repeat_window_ms, from_kernel = heard.code == SI_KERNEL;
    if (heard.signal == SIGHUP && (from_kernel || last.from_kernel)) return from_kernel || soon;
    return soon && !from_kernel && !last.from_kernel && heard.sender == last.sender;  // each key is pressed by itself
  }

  bool ignores_hangups_ = false;
  int32_t count_ = 0;
  Last interrupt_, terminate_, hangup_;
};

}  // namespace podrun::pause

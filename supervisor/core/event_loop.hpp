// RAII wrappers of sd-event(3): descriptors and timers call functions, on one thread.
#pragma once

#include <sys/epoll.h>
#include <systemd/sd-event.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "pod/text/result.hpp"
#include "supervisor/core/times.hpp"

namespace podrun::supervisor {

/// An event source. Destroying it stops the watch.
class EventSource {
 public:
  EventSource() = default;
  explicit operator bool() const { return state_ != nullptr; }
  /// Stops watching. May be called from the source's own callback.
  void reset() { state_.reset(); }

 private:
  friend class EventLoop;
  struct State {
    std::function<void()> callback;
    sd_event_source* source = nullptr;
    ~State() { sd_event_source_disable_unref(source); }
  };
  explicit EventSource(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

/// The event loop. The sd-event object is created at first use, not in the constructor: its epoll descriptor would be
/// shared with a process forked later, and creating it loads libsystemd, which takes time.
class EventLoop {
 public:
  /// Calls `callback` while `fd` is ready for `events` (EPOLLIN, …; with EPOLLET at each change). Does not own `fd`.
  Result<EventSource> watch(int fd, std::uint32_t events, std::function<void()> callback);
  /// Calls `callback` once, at `due` on CLOCK_BOOTTIME, or at once if that is past.
  Result<EventSource> at(BootTime due, std::function<void()> callback);
  /// Calls `callback` once, in the next iteration: after the events that are ready now.
  Result<EventSource> soon(std::function<void()> callback);

  /// Runs until the loop fails: a callback is what ends the process.
  Result<> run();
  /// Runs until `done` returns true; callbacks change what it tests.
  Result<> run_until(const std::function<bool()>& done);

 private:
  Result<> create_if_needed();

  struct Unref {
    void operator()(sd_event* loop) const { sd_event_unref(loop); }
  };
  std::unique_ptr<sd_event, Unref> loop_;
};

}  // namespace podrun::supervisor

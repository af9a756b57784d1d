// An event loop over epoll(7): descriptors and timers call functions, on one thread.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

#include "pod/text/result.hpp"
#include "supervisor/core/times.hpp"

namespace podrun::supervisor {

/// An event source. Destroying it stops the watch. It may be destroyed after its loop.
class EventSource {
 public:
  EventSource() = default;
  EventSource(EventSource&& other) noexcept = default;
  EventSource& operator=(EventSource&& other) noexcept;
  ~EventSource() { reset(); }
  explicit operator bool() const { return state_ != nullptr; }
  /// Stops watching. May be called from the source's own callback.
  void reset();

 private:
  friend class EventLoop;
  struct State;
  explicit EventSource(std::shared_ptr<State> state) : state_(std::move(state)) {}
  std::shared_ptr<State> state_;
};

/// The event loop. Its descriptors are opened at first use, not in the constructor: they would be shared with a process
/// that is forked later.
class EventLoop {
 public:
  /// Calls `callback` while `fd` is ready for `events` (EPOLLIN, …; with EPOLLET at each change). Does not own `fd`,
  /// which must stay open until the source is destroyed.
  Result<EventSource> watch(int fd, std::uint32_t events, std::function<void()> callback);
  /// Calls `callback` once, at `due` on CLOCK_BOOTTIME, or at once if that is past.
  Result<EventSource> at(BootTime due, std::function<void()> callback);
  /// The same on CLOCK_MONOTONIC.
  Result<EventSource> at(MonotonicTime due, std::function<void()> callback);
  /// Calls `callback` once, in the next iteration: after the events that are ready now.
  Result<EventSource> soon(std::function<void()> callback);

  /// Runs until the loop fails: a callback is what ends the process.
  Result<> run();
  /// Runs until `done` returns true; callbacks change what it tests.
  Result<> run_until(const std::function<bool()>& done);

 private:
  friend class EventSource;
  struct Sources;
  Result<> create_if_needed();
  std::shared_ptr<Sources> sources_;  // shared with each event source
};

}  // namespace podrun::supervisor

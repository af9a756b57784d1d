// sd-event(3) in RAII: descriptors and timers to callbacks, on one thread.
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

/// Something watched; no longer when this is destroyed.
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

/// The loop. It is made when it is first asked for something: not before the fork of the process that is to have it,
/// because its epoll descriptor would be shared. That loads libsystemd, which takes a while.
class EventLoop {
 public:
  /// Calls back while `fd` is ready for `events` (EPOLLIN, …, with EPOLLET at each change). Does not own `fd`.
  Result<EventSource> watch(int fd, std::uint32_t events, std::function<void()> callback);
  /// Calls back once, at `due` on CLOCK_BOOTTIME or at once if that is past.
  Result<EventSource> at(BootTime due, std::function<void()> callback);
  /// Calls back in the next round, after what is ready now.
  Result<EventSource> soon(std::function<void()> callback);

  /// Runs until it cannot: its callbacks end the process.
  Result<> run();
  /// Runs until `done` holds, which callbacks bring about.
  Result<> run_until(const std::function<bool()>& done);

 private:
  Result<> make_sure_it_is_there();

  struct Unref {
    void operator()(sd_event* loop) const { sd_event_unref(loop); }
  };
  std::unique_ptr<sd_event, Unref> loop_;
};

}  // namespace podrun::supervisor

// An event loop over epoll(7).
//
//   run_until ──▶ take an event from the queue, call its function      the queue is empty
//        ▲                                                                     │
//        └── queue: what epoll_wait(2) reported, and what soon() deferred ◀────┘
//
// All timers share one timerfd(2) of CLOCK_BOOTTIME, which the time-out of epoll_wait(2) does not count. A timer of
// CLOCK_MONOTONIC that is not due when the other clock says so, because the machine was suspended, is set again.
#include "supervisor/core/event_loop.hpp"

#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <deque>
#include <map>
#include <optional>

#include "namespaces/kernel/fd.hpp"
#include "supervisor/core/clock.hpp"

namespace podrun::supervisor {
namespace {

constexpr std::size_t most_events = 32;  // of one epoll_wait(2)

/// By how much the two clocks may seem to differ because they are not read at the same instant.
constexpr std::chrono::milliseconds clock_tolerance{1};

BootTime on_boot_clock(MonotonicTime due) { return boot_now() + (due - monotonic_now()); }

timespec timespec_of(BootTime time) {
  // A zero would disarm the timer.
  const auto nanoseconds = std::max(time, BootTime{1}).count();
  return {.tv_sec = nanoseconds / 1'000'000'000, .tv_nsec = nanoseconds % 1'000'000'000};
}

}  // namespace

struct EventSource::State {
  std::function<void()> callback;
  std::shared_ptr<EventLoop::Sources> sources;
  int fd = -1;                    // watched, or -1
  std::optional<BootTime> due{};  // of a timer
  std::optional<MonotonicTime> monotonic_due{};

  void stop();
};

/// What the loop watches.
struct EventLoop::Sources {
  using State = EventSource::State;

  Fd epoll, timer;
  std::map<int, std::weak_ptr<State>> watched;  // by descriptor
  std::multimap<BootTime, std::weak_ptr<State>> timers;
  std::deque<std::weak_ptr<State>> queue, deferred;  // destroyed sources are skipped
  std::optional<BootTime> armed;                     // the timer

  Result<> arm();
  Result<> wait();
  void queue_due_timers();
  void fire(const std::weak_ptr<State>& fired);
};

/// At once, also within its own callback, while the loop still refers to it: the descriptor may be watched anew.
void EventSource::State::stop() {
  const auto is_own = [this](const std::weak_ptr<State>& each) { return each.lock().get() == this; };
  if (const auto own = sources->watched.find(fd); own != sources->watched.end() && is_own(own->second)) {
    sources->watched.erase(own);
    ::epoll_ctl(sources->epoll.get(), EPOLL_CTL_DEL, fd, nullptr);
  }
  if (!due) return;
  const auto [first, last] = sources->timers.equal_range(*due);
  for (auto timer = first; timer != last;) timer = is_own(timer->second) ? sources->timers.erase(timer) : ++timer;
}

EventSource& EventSource::operator=(EventSource&& other) noexcept {
  if (this == &other) return *this;
  reset();
  state_ = std::move(other.state_);
  return *this;
}

void EventSource::reset() {
  if (state_) state_->stop();
  state_.reset();
}

/// Sets the timer to the earliest of all.
Result<> EventLoop::Sources::arm() {
  std::optional<BootTime> earliest;
  if (!timers.empty()) earliest = timers.begin()->first;
  if (earliest == armed) return {};
  itimerspec setting{};
  if (earliest) setting.it_value = timespec_of(*earliest);
  if (::timerfd_settime(timer.get(), TFD_TIMER_ABSTIME, &setting, nullptr) < 0) return fail_system("arm a timer");
  armed = earliest;
  return {};
}

void EventLoop::Sources::fire(const std::weak_ptr<State>& fired) {
  const auto state = fired.lock();
  if (!state) return;
  state->due.reset();  // it was erased by the caller, and not by itself
  const bool is_due = !state->monotonic_due || *state->monotonic_due <= monotonic_now() + clock_tolerance;
  if (is_due) return queue.push_back(fired);
  state->due = on_boot_clock(*state->monotonic_due);
  timers.emplace(*state->due, fired);
}

void EventLoop::Sources::queue_due_timers() {
  std::uint64_t expirations = 0;
  if (::read(timer.get(), &expirations, sizeof expirations) < 0) return;
  armed.reset();
  const BootTime now = boot_now();
  while (!timers.empty() && timers.begin()->first <= now) {
    const std::weak_ptr<State> first = std::move(timers.begin()->second);
    timers.erase(timers.begin());
    fire(first);
  }
}

/// Fills the queue. It waits if nothing was deferred.
Result<> EventLoop::Sources::wait() {
  TRY_VOID(arm());
  std::array<epoll_event, most_events> ready{};
  const int count = ::epoll_wait(epoll.get(), ready.data(), most_events, deferred.empty() ? -1 : 0);
  if (count < 0 && errno != EINTR) return fail_system("event loop");
  for (int i = 0; i < count; ++i) {
    const int fd = ready[static_cast<std::size_t>(i)].data.fd;
    if (fd == timer.get())
      queue_due_timers();
    else if (const auto source = watched.find(fd); source != watched.end())
      queue.push_back(source->second);
  }
  for (auto& source : deferred) queue.push_back(std::move(source));
  deferred.clear();
  return {};
}

Result<> EventLoop::create_if_needed() {
  if (sources_) return {};
  auto sources = std::make_shared<Sources>();
  sources->epoll = Fd(::epoll_create1(EPOLL_CLOEXEC));
  if (!sources->epoll) return fail_system("event loop");
  sources->timer = Fd(::timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!sources->timer) return fail_system("event loop");
  epoll_event event{.events = EPOLLIN, .data = {.fd = sources->timer.get()}};
  if (::epoll_ctl(sources->epoll.get(), EPOLL_CTL_ADD, sources->timer.get(), &event) < 0)
    return fail_system("event loop");
  sources_ = std::move(sources);
  return {};
}

Result<EventSource> EventLoop::watch(int fd, std::uint32_t events, std::function<void()> callback) {
  TRY_VOID(create_if_needed());
  auto state = std::make_shared<EventSource::State>(std::move(callback), sources_);
  epoll_event event{.events = events, .data = {.fd = fd}};
  if (::epoll_ctl(sources_->epoll.get(), EPOLL_CTL_ADD, fd, &event) < 0) return fail_system("watch a descriptor");
  state->fd = fd;
  sources_->watched[fd] = state;
  return EventSource(std::move(state));
}

Result<EventSource> EventLoop::at(BootTime due, std::function<void()> callback) {
  TRY_VOID(create_if_needed());
  auto state = std::make_shared<EventSource::State>(std::move(callback), sources_);
  state->due = due;
  sources_->timers.emplace(due, state);
  return EventSource(std::move(state));
}

Result<EventSource> EventLoop::at(MonotonicTime due, std::function<void()> callback) {
  EventSource source = TRY(at(on_boot_clock(due), std::move(callback)));
  source.state_->monotonic_due = due;
  return source;
}

Result<EventSource> EventLoop::soon(std::function<void()> callback) {
  TRY_VOID(create_if_needed());
  auto state = std::make_shared<EventSource::State>(std::move(callback), sources_);
  sources_->deferred.push_back(state);
  return EventSource(std::move(state));
}

Result<> EventLoop::run() {
  return run_until([] { return false; });
}

Result<> EventLoop::run_until(const std::function<bool()>& done) {
  TRY_VOID(create_if_needed());
  while (!done()) {
    if (sources_->queue.empty()) TRY_VOID(sources_->wait());
    if (sources_->queue.empty()) continue;
    const auto source = sources_->queue.front().lock();
    sources_->queue.pop_front();
    if (!source) continue;
    // A copy of the callback: the callback may destroy its own source.
    const auto callback = source->callback;
    callback();
  }
  return {};
}

}  // namespace podrun::supervisor

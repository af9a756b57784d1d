// RAII wrappers of sd-event(3).
#include "supervisor/core/event_loop.hpp"

#include <time.h>

namespace podrun::supervisor {
namespace {

/// How long sd-event may delay a timer so that several expire together.
constexpr std::uint64_t accuracy_usec = 1000;

template <typename State>
int call(void* data) {
  // A copy of the callback: the callback may destroy its own source.
  const auto callback = static_cast<State*>(data)->callback;
  callback();
  return 0;
}

}  // namespace

Result<> EventLoop::create_if_needed() {
  if (loop_) return {};
  sd_event* loop = nullptr;
  if (const int error = sd_event_new(&loop); error < 0) return fail_system("libsystemd's event loop", -error);
  loop_.reset(loop);
  return {};
}

Result<EventSource> EventLoop::watch(int fd, std::uint32_t events, std::function<void()> callback) {
  TRY_VOID(create_if_needed());
  auto state = std::make_shared<EventSource::State>(std::move(callback));
  const int error = sd_event_add_io(
      loop_.get(), &state->source, fd, events,
      [](sd_event_source*, int, std::uint32_t, void* data) { return call<EventSource::State>(data); }, state.get());
  if (error < 0) return fail_system("watch a descriptor", -error);
  return EventSource(std::move(state));
}

Result<EventSource> EventLoop::at(BootTime due, std::function<void()> callback) {
  TRY_VOID(create_if_needed());
  auto state = std::make_shared<EventSource::State>(std::move(callback));
  const auto usec = std::chrono::ceil<std::chrono::microseconds>(due).count();
  const int error = sd_event_add_time(
      loop_.get(), &state->source, CLOCK_BOOTTIME, static_cast<std::uint64_t>(usec), accuracy_usec,
      [](sd_event_source*, std::uint64_t, void* data) { return call<EventSource::State>(data); }, state.get());
  if (error < 0) return fail_system("arm a timer", -error);
  return EventSource(std::move(state));
}

Result<EventSource> EventLoop::soon(std::function<void()> callback) {
  TRY_VOID(create_if_needed());
  auto state = std::make_shared<EventSource::State>(std::move(callback));
  const int error = sd_event_add_defer(
      loop_.get(), &state->source, [](sd_event_source*, void* data) { return call<EventSource::State>(data); },
      state.get());
  if (error < 0) return fail_system("defer", -error);
  return EventSource(std::move(state));
}

Result<> EventLoop::run() {
  return run_until([] { return false; });
}

Result<> EventLoop::run_until(const std::function<bool()>& done) {
  while (!done())
    if (const int error = sd_event_run(loop_.get(), UINT64_MAX); error < 0) return fail_system("event loop", -error);
  return {};
}

}  // namespace podrun::supervisor

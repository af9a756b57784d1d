// Timers as data.
#include "supervisor/lifecycle/timers.hpp"

namespace podrun::supervisor {

void Timers::set(TimerName name, BootTime due) {
  Timer& timer = (*this)[name];
  timer.due = due;
  ++timer.generation;
}

void Timers::cancel(TimerName name) {
  Timer& timer = (*this)[name];
  if (!timer.due) return;
  timer.due.reset();
  ++timer.generation;
}

void Timers::cancel_all() {
  for (std::size_t name = 0; name < timer_names; ++name) cancel(static_cast<TimerName>(name));
}

bool Timers::is_current(TimerName name, std::uint64_t generation) const {
  const Timer& timer = (*this)[name];
  return timer.due && timer.generation == generation;
}

std::string_view to_string(TimerName name) {
  constexpr std::array<std::string_view, timer_names> names{"Backoff", "Grace", "Hook", "Deadline"};
  return names[static_cast<std::size_t>(name)];
}

}  // namespace podrun::supervisor

// What the pause knows.
#include "namespaces/pause/pause.hpp"

#include <time.h>

#include "namespaces/pause/transport.hpp"

namespace podrun::pause {

int64_t boottime_now() {
  timespec now;
  clock_gettime(CLOCK_BOOTTIME, &now);
  return now.tv_sec * int64_t{1'000'000'000} + now.tv_nsec;
}

void ask(Pause& pause) {
  pause.ask_due = !pause.adopted;
  if (pause.supervisor > 0 && pause.watchdog.ask()) send_message(pause.socket, {.op = Op::Ask}, nullptr, 0);
}

}  // namespace podrun::pause

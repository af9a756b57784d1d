// Containers that are stopped.
#include <signal.h>
#include <stdlib.h>
#include <time.h>

#include "tests/probe/probe.hpp"
#include "tests/probe/report.hpp"

namespace podrun::probe {

/// MILLISECONDS CODE: prints "ready" and waits for TERM. After the first TERM it prints "asked". MILLISECONDS later it
/// prints the number of TERMs, and exits with CODE.
int count_terms(int, Words words) {
  const long milliseconds = atol(words[0]);
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  sigprocmask(SIG_BLOCK, &term, nullptr);
  dprintf(STDOUT_FILENO, "ready\n");
  int terms = 0, got = 0;
  sigwait(&term, &got);
  dprintf(STDOUT_FILENO, "asked\n");
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const long end = now.tv_sec * 1000 + now.tv_nsec / 1'000'000 + milliseconds;
  for (long left = milliseconds; left > 0;) {
    ++terms;
    const timespec rest{.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1'000'000};
    if (sigtimedwait(&term, nullptr, &rest) != SIGTERM) break;
    clock_gettime(CLOCK_MONOTONIC, &now);
    left = end - (now.tv_sec * 1000 + now.tv_nsec / 1'000'000);
  }
  dprintf(STDOUT_FILENO, "terms: %d\n", terms);
  return atoi(words[1]);
}

}  // namespace podrun::probe

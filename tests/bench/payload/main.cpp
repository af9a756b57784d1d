// What the measured containers run: says on a FIFO when it began (and, if it is to end, when it ended).
//
//   podrun-payload NAME stay           "NAME start NANOSECONDS", then waits for its end
//   podrun-payload NAME once MILLIS    the same, then after a rest "NAME exit NANOSECONDS" and exit 0; its successor stays
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

namespace {

constexpr char fifo[] = "/bench/fifo";
constexpr char mark[] = "/bench/ran";  // there is a former instance

void say(int out, const char* name, const char* what) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  char line[128];
  const int length = snprintf(line, sizeof line, "%s %s %lld\n", name, what, now.tv_sec * 1'000'000'000LL + now.tv_nsec);
  (void)!write(out, line, static_cast<size_t>(length));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  signal(SIGTERM, [](int) { _exit(0); });  // before it says anything: PID 1 ignores what it has no handler for
  const int out = open(fifo, O_WRONLY | O_CLOEXEC);
  say(out, argv[1], "start");
  if (strcmp(argv[2], "once") != 0 || open(mark, O_WRONLY | O_CREAT | O_EXCL, 0644) < 0)
    for (;;) pause();
  const long rest = argc > 3 ? atol(argv[3]) : 0;
  const timespec duration{rest / 1000, rest % 1000 * 1'000'000};
  nanosleep(&duration, nullptr);
  say(out, argv[1], "exit");
  return 0;
}

// The program of measured containers. It writes to a FIFO when it starts and when it exits.
//
//   podrun-payload NAME stay           "NAME start NANOSECONDS", then waits for its end
//   podrun-payload NAME once MILLIS    the same, then after a rest "NAME exit NANOSECONDS" and exit 0; its successor
//   stays podrun-payload NAME lines COUNT    prints lines of 100 bytes, each beginning with its number, 64 KiB at a
//   time podrun-payload NAME nothing        says nothing and exits with 0
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

namespace {

constexpr char fifo[] = "/bench/fifo";
constexpr char mark[] = "/bench/ran";  // exists if there was a former instance

void say(int out, const char* name, const char* what) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  char line[128];
  const int length =
      snprintf(line, sizeof line, "%s %s %lld\n", name, what, now.tv_sec * 1'000'000'000LL + now.tv_nsec);
  (void)!write(out, line, static_cast<size_t>(length));
}

[[noreturn]] void stay() {
  for (;;) pause();
}

void rest(long milliseconds) {
  const timespec duration{milliseconds / 1000, milliseconds % 1000 * 1'000'000};
  nanosleep(&duration, nullptr);
}

/// Adds one to a decimal number. END is behind its last digit.
void increment(char* end) {
  while (*--end == '9') *end = '0';
  ++*end;
}

bool write_all(const char* data, size_t size) {
  while (size > 0) {
    const ssize_t written = write(STDOUT_FILENO, data, size);
    if (written < 0) return false;
    data += written;
    size -= static_cast<size_t>(written);
  }
  return true;
}

int print_lines(long count) {
  constexpr size_t line_size = 100, digits = 12, lines_at_once = 64 * 1024 / line_size;
  static char block[lines_at_once * line_size];
  char number[digits];
  memset(number, '0', digits);
  memset(block, '.', sizeof block);
  for (size_t line = 0; line < lines_at_once; ++line) block[(line + 1) * line_size - 1] = '\n';
  while (count > 0) {
    const size_t lines =
        static_cast<size_t>(count) < lines_at_once ? static_cast<size_t>(count) : lines_at_once;
    for (size_t line = 0; line < lines; ++line) {
      memcpy(block + line * line_size, number, digits);
      increment(number + digits);
    }
    if (!write_all(block, lines * line_size)) return 1;
    count -= static_cast<long>(lines);
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  const char* name = argv[1];
  const char* habit = argv[2];
  const long number = argc > 3 ? atol(argv[3]) : 0;
  if (strcmp(habit, "nothing") == 0) return 0;
  if (strcmp(habit, "lines") == 0) return print_lines(number);

  signal(SIGTERM, [](int) { _exit(0); });  // before the first line: PID 1 ignores signals without a handler
  const int out = open(fifo, O_WRONLY | O_CLOEXEC);
  say(out, name, "start");
  if (strcmp(habit, "once") != 0 || open(mark, O_WRONLY | O_CREAT | O_EXCL, 0644) < 0) stay();
  rest(number);
  say(out, name, "exit");
  return 0;
}

// Containers whose supervisor is killed. Each instance leaves a line, so that a test can count the instances.
#include <fcntl.h>
#include <linux/limits.h>
#include <stdlib.h>
#include <sys/file.h>
#include <time.h>

#include "tests/probe/probe.hpp"
#include "tests/probe/report.hpp"

namespace podrun::probe {
namespace {

int open_in(const char* directory, const char* name, const char* suffix, int flags) {
  char path[PATH_MAX];
  snprintf(path, sizeof path, "%s/%s.%s", directory, name, suffix);
  return open(path, flags | O_CREAT | O_CLOEXEC, 0600);
}

/// The number of instances that have left a line.
int count_lines(int file) {
  int lines = 0;
  char text[4096];
  off_t at = 0;
  for (ssize_t length; (length = pread(file, text, sizeof text, at)) > 0; at += length)
    for (ssize_t i = 0; i < length; ++i) lines += text[i] == '\n';
  return lines;
}

}  // namespace

/// DIRECTORY NAME CODE…: writes a unique line to DIRECTORY/NAME.runs, to stdout and as its termination message. The
/// N-th instance exits with the N-th CODE. If two run at once, they write to NAME.overlaps.
int run_instance(int count, Words words) {
  const int alive = open_in(words[0], words[1], "alive", O_RDWR);
  if (flock(alive, LOCK_EX | LOCK_NB) < 0) {
    dprintf(open_in(words[0], words[1], "overlaps", O_WRONLY | O_APPEND), "overlap\n");
    return 99;
  }
  const int runs = open_in(words[0], words[1], "runs", O_RDWR | O_APPEND);
  const int turn = count_lines(runs);
  timespec now{};
  clock_gettime(CLOCK_BOOTTIME, &now);
  const int files[] = {runs, STDOUT_FILENO, open("/dev/termination-log", O_WRONLY | O_CLOEXEC)};
  for (const int file : files)
    dprintf(file, "%s-%lld-%ld\n", words[1], static_cast<long long>(now.tv_sec), now.tv_nsec);
  return turn + 2 < count ? atoi(words[turn + 2]) : 98;
}

/// COUNT: prints the numbers from 0 on, about 20,000 in a second, then "end", and waits.
int print_numbers(int, Words words) {
  const int count = atoi(words[0]);
  constexpr timespec moment{.tv_sec = 0, .tv_nsec = 1'000'000};
  for (int number = 0; number < count; ++number) {
    printf("%d\n", number);
    if (number % 20 != 0) continue;
    fflush(stdout);
    nanosleep(&moment, nullptr);
  }
  printf("end\n");
  fflush(stdout);
  pause();
  return 0;
}

int exit_at_once(int, Words words) {
  return atoi(words[0]);
}

}  // namespace podrun::probe

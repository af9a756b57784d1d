// The report of an attempt to the test: "NAME: ok" or "NAME: EROFS", unbuffered.
#pragma once

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

namespace podrun::probe {

/// Prints the outcome of an attempt and returns whether it succeeded. `result` is that of a system call, which has set
/// errno if it is negative.
inline bool report(const char* attempt, long result) {
  dprintf(STDOUT_FILENO, "%s: %s\n", attempt, result < 0 ? strerrorname_np(errno) : "ok");
  return result >= 0;
}

/// The same for an open(2). Closes the descriptor.
inline void report_open(const char* attempt, int fd) {
  if (report(attempt, fd)) close(fd);
}

}  // namespace podrun::probe

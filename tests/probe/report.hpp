// How a mode tells the test what came of an attempt: "NAME: ok" or "NAME: EROFS", unbuffered.
#pragma once

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

namespace podrun::probe {

/// Prints the outcome of an attempt; `result` is a system call's, errno its reason. Returns whether it
/// succeeded.
inline bool report(const char* attempt, long result) {
  dprintf(STDOUT_FILENO, "%s: %s\n", attempt, result < 0 ? strerrorname_np(errno) : "ok");
  return result >= 0;
}

/// The same for an open(2), whose descriptor is closed again.
inline void report_open(const char* attempt, int fd) {
  if (report(attempt, fd)) close(fd);
}

}  // namespace podrun::probe

// execve(2) along a PATH, without a heap: for a process that can do nothing but execute. libc alone.
#pragma once

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

namespace podrun {

/// The search path that a C library uses when PATH is not set.
inline constexpr char default_search_path[] = "/bin:/usr/bin";

/// Executes argv[0], looked up along `search_path` unless it contains a '/', as execvpe(3) does: if no candidate can be
/// executed, EACCES takes precedence over ENOENT. Returns an errno; does not return on success.
inline int exec_along(const char* search_path, char* const* argv, char* const* envp) noexcept {
  const char* const name = argv[0];
  if (strchr(name, '/') != nullptr) {
    execve(name, argv, envp);
    return errno;
  }
  const size_t name_length = strlen(name);
  char candidate[PATH_MAX];
  int error = ENOENT;
  for (const char* place = search_path;; ++place) {
    const char* const end = strchrnul(place, ':');
    const auto length = static_cast<size_t>(end - place);
    if (length + name_length + 2 <= sizeof candidate) {
      memcpy(candidate, place, length);
      candidate[length] = '/';
      memcpy(candidate + length + (length > 0), name, name_length + 1);
      execve(candidate, argv, envp);
      if (errno == EACCES) error = EACCES;
      else if (errno != ENOENT && errno != ENOTDIR) return errno;
    }
    if (*end == '\0') return error;
    place = end;
  }
}

}  // namespace podrun

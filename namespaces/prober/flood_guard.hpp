// Ends a transfer that keeps libcurl busy. Some floods, such as one of HTTP/2's SETTINGS, are read by libcurl until there
// is nothing more to read, and never is: no time-out of its own or of ours comes in between.
//
//   FloodGuard(fd) ──▶ a call of libcurl ──▶ ~FloodGuard()
//                   │ takes too much CPU time: SIGPROF ──▶ the connection is reset, so that libcurl finds its end
//                   │ takes much more: the process ends, and the supervisor starts another
#pragma once

namespace podrun::prober {

/// To be called once.
void install_flood_guard();
/// Guards a call of libcurl, for a socket; negative: for its timers, and whichever socket.
class FloodGuard {
 public:
  explicit FloodGuard(int fd);
  FloodGuard(const FloodGuard&) = delete;
  FloodGuard& operator=(const FloodGuard&) = delete;
  ~FloodGuard();
};
/// libcurl has begun or ended to use a socket.
void note_socket(int fd, bool is_used);

}  // namespace podrun::prober

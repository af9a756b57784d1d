// Ends a transfer that keeps libcurl busy. Some floods, such as one of HTTP/2's SETTINGS, are read by libcurl until there
// is nothing more to read, and never is: no time-out of its own or of ours comes in between.
//
//   arm(fd) ──▶ a call of libcurl ──▶ disarmed by the next arm()
//                   │ takes too much CPU time: SIGPROF ──▶ the connection is reset, so that libcurl finds its end
//                   │ takes much more: the process ends, and the supervisor starts another
#pragma once

namespace podrun::prober {

/// To be called once.
void install_flood_guard();
/// A call of libcurl begins, for a socket; negative: for its timers, and whichever socket.
void arm_flood_guard(int fd);
/// libcurl has begun or ended to use a socket.
void note_socket(int fd, bool is_used);

}  // namespace podrun::prober

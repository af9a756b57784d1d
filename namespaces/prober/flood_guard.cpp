// Ends a transfer that keeps libcurl busy.
#include "namespaces/prober/flood_guard.hpp"

#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

namespace podrun::prober {
namespace {

/// A TLS handshake takes a few milliseconds.
constexpr itimerval limit{.it_interval = {.tv_sec = 1, .tv_usec = 0}, .it_value = {.tv_sec = 0, .tv_usec = 100'000}};

constexpr int most_sockets = 4096;  // more than RLIMIT_NOFILE

// What the signal handler reads.
volatile sig_atomic_t is_guarding = 0, guarded = -1, warnings = 0;
volatile unsigned char is_used[most_sockets];

/// Resets a connection: connect(2) to AF_UNSPEC. After shutdown(2) the peer would go on sending.
void reset_connection(int fd) {
  const sockaddr none{.sa_family = AF_UNSPEC, .sa_data = {}};
  ::connect(fd, &none, sizeof none);
}

/// The socket that has the most to read: in a call for timers, which may read any, it is that of the flood.
int fullest_socket() {
  int fullest = -1, most = -1;
  for (int fd = 0; fd < most_sockets; ++fd) {
    int waiting = 0;
    if (is_used[fd] == 0 || ::ioctl(fd, FIONREAD, &waiting) < 0 || waiting <= most) continue;
    fullest = fd;
    most = waiting;
  }
  return fullest;
}

void on_sigprof(int) {
  if (is_guarding == 0) return;  // the timer counts on after a call
  const int error = errno;
  warnings = warnings + 1;
  if (warnings > 2) ::_exit(70);
  reset_connection(guarded >= 0 ? guarded : fullest_socket());
  errno = error;
}

}  // namespace

void install_flood_guard() {
  struct sigaction action{};
  action.sa_handler = on_sigprof;
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGPROF, &action, nullptr);
}

FloodGuard::FloodGuard(int fd) {
  guarded = fd;
  warnings = 0;
  is_guarding = 1;
  ::setitimer(ITIMER_PROF, &limit, nullptr);
}

FloodGuard::~FloodGuard() { is_guarding = 0; }

void note_socket(int fd, bool used) {
  if (fd >= 0 && fd < most_sockets) is_used[static_cast<std::size_t>(fd)] = used ? 1 : 0;
}

}  // namespace podrun::prober

// Containers, hooks and probes of scenarios. Each connects to the test's socket, says what happens to it, and does what
// it is told. A message is "TIME WORDS", with the time on the wall clock in nanoseconds.
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "tests/probe/probe.hpp"
#include "tests/probe/report.hpp"

namespace podrun::probe {
namespace {

constexpr char socket_path[] = "/s/socket";
/// The exit code of one that cannot reach the test.
constexpr int left_alone = 99;

int connection() {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path, socket_path, sizeof socket_path);
  const int own = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
  if (connect(own, reinterpret_cast<const sockaddr*>(&address), sizeof address) < 0) {
    perror("podrun-probe: connect");
    _exit(left_alone);
  }
  return own;
}

void say(int test, const char* who, const char* what) {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  dprintf(test, "%lld%09ld %s %s", static_cast<long long>(now.tv_sec), now.tv_nsec, who, what);
}

/// Waits for an order, and ends with the code in it: "CODE WORDS".
[[noreturn]] void obey(int test) {
  char order[256] = {};
  if (recv(test, order, sizeof order - 1, 0) <= 0) _exit(left_alone);
  if (const char* words = strchr(order, ' ')) dprintf(STDOUT_FILENO, "%s\n", words + 1);
  _exit(atoi(order));
}

}  // namespace

/// NAME MILLISECONDS CODE: a container. It ends as it is told, or so long after TERM with this code; with "never" it
/// ignores TERM.
int act(int, Words words) {
  sigset_t term;
  sigemptyset(&term);
  sigaddset(&term, SIGTERM);
  sigprocmask(SIG_BLOCK, &term, nullptr);
  const int signals = signalfd(-1, &term, SFD_CLOEXEC);
  const int test = connection();
  say(test, words[0], "runs");
  const bool ignores = strcmp(words[1], "never") == 0;
  timespec rest{};
  for (bool is_ending = false;;) {
    pollfd watched[] = {{test, POLLIN, 0}, {signals, POLLIN, 0}};
    timespec now{}, left{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    const long long until = (rest.tv_sec - now.tv_sec) * 1'000'000'000LL + rest.tv_nsec - now.tv_nsec;
    if (is_ending && until <= 0) _exit(atoi(words[2]));
    left.tv_sec = until / 1'000'000'000, left.tv_nsec = until % 1'000'000'000;
    if (ppoll(watched, 2, is_ending ? &left : nullptr, nullptr) <= 0) continue;
    if (watched[0].revents != 0) obey(test);
    signalfd_siginfo signal;
    if (read(signals, &signal, sizeof signal) != sizeof signal) continue;
    say(test, words[0], "gets TERM");
    if (ignores || is_ending) continue;
    is_ending = true;
    const long milliseconds = atol(words[1]);
    clock_gettime(CLOCK_MONOTONIC, &rest);
    rest.tv_sec += milliseconds / 1000, rest.tv_nsec += milliseconds % 1000 * 1'000'000;
  }
}

/// WHO WHAT: a hook or one try of a probe. It ends as it is told.
int ask(int, Words words) {
  const int test = connection();
  say(test, words[0], words[1]);
  obey(test);
}

}  // namespace podrun::probe

// Processes that a container leaves outside of itself: children of its parent, and orphans. Requests to podrun.
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>

#include "tests/probe/probe.hpp"
#include "tests/probe/report.hpp"

namespace podrun::probe {

/// COUNT: makes so many children of its parent, which end at once, and prints how many it made.
int leave_siblings(int, Words words) {
  int made = 0;
  for (const int count = atoi(words[0]); made < count; ++made) {
    const long pid = syscall(SYS_clone, CLONE_PARENT, nullptr, nullptr, nullptr, nullptr);
    if (pid == 0) _exit(42);
    if (pid < 0) break;
  }
  dprintf(STDOUT_FILENO, "siblings: %d\n", made);
  for (;;) pause();
}

/// Leaves an orphan, which waits for a signal, and prints its pid.
int leave_orphan(int, Words) {
  signal(SIGCHLD, SIG_IGN);
  const pid_t parent = fork();
  if (parent == 0) {
    const pid_t orphan = fork();
    if (orphan > 0) dprintf(STDOUT_FILENO, "orphan: %d\n", orphan);
    while (orphan == 0) pause();
    _exit(0);
  }
  for (;;) pause();
}

/// SOCKET REQUEST: sends the request to the supervisor of a pod, and prints the answer.
int command(int, Words words) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  strncpy(address.sun_path, words[0], sizeof address.sun_path - 1);
  const int own = socket(AF_UNIX, SOCK_SEQPACKET, 0);
  const int connected = connect(own, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  report("connect", connected);
  if (connected < 0) return 0;
  char answer[256] = {}, control[256] = {};
  iovec data{answer, sizeof answer - 1};
  msghdr message{};
  message.msg_iov = &data;
  message.msg_iovlen = 1;
  message.msg_control = control;
  message.msg_controllen = sizeof control;
  (void)!send(own, words[1], strlen(words[1]), MSG_NOSIGNAL);
  ssize_t length;
  do length = recvmsg(own, &message, 0);
  while (length < 0 && errno == ECONNRESET);
  if (length <= 0) message.msg_controllen = 0;
  dprintf(STDOUT_FILENO, "%s: %s; descriptors: %s\n", words[1], answer, CMSG_FIRSTHDR(&message) ? "some" : "none");
  return 0;
}

}  // namespace podrun::probe

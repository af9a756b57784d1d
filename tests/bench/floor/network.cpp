// A pod's network: the requests that podrun sends to the kernel, from a file, and nothing else.
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/bench/floor/network_requests.hpp"
#include "tests/bench/floor/pod.hpp"

namespace {

char requests[64 * 1024];

int netlink_socket(int protocol) {
  return static_cast<int>(MUST(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)));
}

/// Reads the answers, which are there when sendto(2) has returned.
void check_answers(int socket) {
  static char answers[32 * 1024];
  for (ssize_t size; (size = recv(socket, answers, sizeof answers, MSG_DONTWAIT)) > 0;) {
    auto rest = static_cast<unsigned>(size);
    for (auto* each = reinterpret_cast<nlmsghdr*>(answers); NLMSG_OK(each, rest); each = NLMSG_NEXT(each, rest)) {
      const int error = -static_cast<nlmsgerr*>(NLMSG_DATA(each))->error;
      if (each->nlmsg_type != NLMSG_ERROR || error == 0 || error == EEXIST) continue;
      dprintf(2, "podrun-floor: request %u: %s\n", each->nlmsg_seq, strerror(error));
      _exit(3);
    }
  }
}

}  // namespace

void connect_pod(int pause_pid, const char* file) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/ns/net", pause_pid);
  const int network = static_cast<int>(MUST(open(path, O_RDONLY | O_CLOEXEC)));
  MUST(dup2(network, network_of_requests));
  const int home = static_cast<int>(MUST(open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC)));
  int sockets[kinds_of_sockets];
  sockets[route_on_host] = netlink_socket(NETLINK_ROUTE);
  sockets[filter_on_host] = netlink_socket(NETLINK_NETFILTER);
  MUST(setns(network, CLONE_NEWNET));
  sockets[route_in_pod] = netlink_socket(NETLINK_ROUTE);
  MUST(setns(home, CLONE_NEWNET));
  const int source = static_cast<int>(MUST(open(file, O_RDONLY | O_CLOEXEC)));
  const long size = MUST(read(source, requests, sizeof requests));
  for (long at = 0; at < size;) {
    RequestHeader header;
    memcpy(&header, requests + at, sizeof header);
    at += static_cast<long>(sizeof header);
    sockaddr_nl kernel{};
    kernel.nl_family = AF_NETLINK;
    MUST(sendto(sockets[header.socket], requests + at, header.size, 0, reinterpret_cast<sockaddr*>(&kernel),
                sizeof kernel));
    check_answers(sockets[header.socket]);
    at += header.size;
  }
}

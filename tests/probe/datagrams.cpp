// Datagrams between containers, hosts and clients.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "tests/probe/probe.hpp"

namespace podrun::probe {

/// PORT: answers each datagram, of both families, with its sender's address and its text: "192.0.2.2 hello".
int echo_datagrams(int, Words words) {
  const int own = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(static_cast<uint16_t>(atoi(words[0])));
  if (bind(own, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) return 1;
  dprintf(STDOUT_FILENO, "listens\n");
  while (true) {
    char text[256], answer[512], name[INET6_ADDRSTRLEN];
    sockaddr_in6 sender{};
    socklen_t length = sizeof sender;
    const ssize_t size = recvfrom(own, text, sizeof text, 0, reinterpret_cast<sockaddr*>(&sender), &length);
    if (size < 0) return 1;
    if (IN6_IS_ADDR_V4MAPPED(&sender.sin6_addr))
      inet_ntop(AF_INET, sender.sin6_addr.s6_addr + 12, name, sizeof name);
    else
      inet_ntop(AF_INET6, &sender.sin6_addr, name, sizeof name);
    const int used = snprintf(answer, sizeof answer, "%s %.*s", name, static_cast<int>(size), text);
    sendto(own, answer, static_cast<size_t>(used), 0, reinterpret_cast<const sockaddr*>(&sender), length);
  }
}

/// ADDRESS PORT TEXT: sends a datagram and prints the answer. Exit status 1 if none comes within two seconds.
int say(int, Words words) {
  const auto port = htons(static_cast<uint16_t>(atoi(words[1])));
  sockaddr_in ipv4{.sin_family = AF_INET, .sin_port = port, .sin_addr = {}, .sin_zero = {}};
  sockaddr_in6 ipv6{};
  ipv6.sin6_family = AF_INET6;
  ipv6.sin6_port = port;
  const bool is_ipv4 = inet_pton(AF_INET, words[0], &ipv4.sin_addr) == 1;
  if (!is_ipv4 && inet_pton(AF_INET6, words[0], &ipv6.sin6_addr) != 1) return 2;
  const auto* const to = is_ipv4 ? reinterpret_cast<const sockaddr*>(&ipv4) : reinterpret_cast<const sockaddr*>(&ipv6);
  const int own = socket(to->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  const timeval patience{.tv_sec = 2, .tv_usec = 0};
  setsockopt(own, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  // A connected socket takes no answer from another address than that which was asked.
  if (connect(own, to, is_ipv4 ? sizeof ipv4 : sizeof ipv6) != 0) return 1;
  if (send(own, words[2], strlen(words[2]), 0) < 0) return 1;
  char answer[512];
  const ssize_t size = recv(own, answer, sizeof answer, 0);
  if (size < 0) return 1;
  dprintf(STDOUT_FILENO, "%.*s\n", static_cast<int>(size), answer);
  return 0;
}

}  // namespace podrun::probe

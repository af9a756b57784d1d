// Where a socket of the host leads.
#include "namespaces/forwarder/target.hpp"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

namespace podrun::forwarder {
namespace {

struct Name {
  const char* text;
  uint8_t protocol;
};
constexpr Name names[] = {{"tcp=", IPPROTO_TCP}, {"udp=", IPPROTO_UDP}, {"sctp=", IPPROTO_SCTP}};

/// Reads the digits of a port up to the end of the text; 0: it is none.
uint16_t parse_port(const char* text) {
  unsigned port = 0;
  if (*text == '\0') return 0;
  for (; *text != '\0'; ++text) {
    if (*text < '0' || *text > '9') return 0;
    port = port * 10 + static_cast<unsigned>(*text - '0');
    if (port > 65535) return 0;
  }
  return static_cast<uint16_t>(port);
}

bool parse_address(const char* text, SocketAddress& address) {
  const bool is_v6 = *text == '[';
  const char* const begin = text + is_v6;
  const char* const end = strchr(begin, is_v6 ? ']' : ':');
  char ip[INET6_ADDRSTRLEN];
  if (end == nullptr || static_cast<size_t>(end - begin) >= sizeof ip) return false;
  memcpy(ip, begin, static_cast<size_t>(end - begin));
  ip[end - begin] = '\0';
  if (end[is_v6] != ':') return false;
  const uint16_t port = parse_port(end + is_v6 + 1);
  if (port == 0) return false;
  memset(&address, 0, sizeof address);
  if (is_v6) {
    address.v6.sin6_family = AF_INET6;
    address.v6.sin6_port = htons(port);
    return inet_pton(AF_INET6, ip, &address.v6.sin6_addr) == 1;
  }
  address.v4.sin_family = AF_INET;
  address.v4.sin_port = htons(port);
  return inet_pton(AF_INET, ip, &address.v4.sin_addr) == 1;
}

}  // namespace

bool parse_target(const char* word, Target& target) {
  for (const Name& name : names) {
    const size_t length = strlen(name.text);
    if (strncmp(word, name.text, length) != 0) continue;
    target.protocol = name.protocol;
    return parse_address(word + length, target.address);
  }
  return false;
}

}  // namespace podrun::forwarder

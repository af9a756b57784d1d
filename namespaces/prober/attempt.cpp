// What all attempts say and decide alike.
#include "namespaces/prober/attempt.hpp"

#include <arpa/inet.h>

#include <cerrno>
#include <cstring>

#include "namespaces/prober/request_target.hpp"

namespace podrun::prober {

bool is_address(std::string_view host) {
  if (host == "localhost") return true;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  in6_addr address;
  const std::string text(host);
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1 || ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

std::string timeout_words(const Request& request) {
  const std::int64_t milliseconds = request.timeout / 1'000'000;
  return "timed out after " + (milliseconds % 1000 == 0 ? std::to_string(milliseconds / 1000) + "s"
                                                        : std::to_string(milliseconds) + "ms");
}

bool is_out_of_room(int error) {
  return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM || error == EADDRNOTAVAIL;
}

Outcome connection_failure(const Request& request, int error) {
  return {is_out_of_room(error) ? pod::ProbeOutcome::Unknown : pod::ProbeOutcome::Failure,
          "cannot connect to " + host_and_port(request.host, request.port) + ": " + std::strerror(error)};
}

}  // namespace podrun::prober

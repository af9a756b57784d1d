// One attempt of a probe or hook, over the network. Nothing here blocks.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "namespaces/prober/grpc_health.hpp"
#include "namespaces/prober/prober_protocol.hpp"

namespace podrun::prober {

/// What a started attempt is.
class Attempt {
 public:
  Attempt() = default;
  Attempt(const Attempt&) = delete;
  Attempt& operator=(const Attempt&) = delete;
  virtual ~Attempt() = default;

  /// Begins it. The outcome, if it is known at once.
  virtual std::optional<Outcome> begin() = 0;
  /// Its outcome if it has not ended at its deadline.
  virtual Outcome timed_out() const = 0;
};

/// Whether it is an address or "localhost": a prober resolves no names.
bool is_address(std::string_view host);

/// "timed out after 1s".
std::string timeout_words(const Request& request);

/// "cannot connect to 127.0.0.1:80: Connection refused".
Outcome connection_failure(const Request& request, int error);

/// Whether an errno of socket(2) or connect(2) says that this host has no room for a socket: nothing was learnt about
/// the server.
bool is_out_of_room(int error);

}  // namespace podrun::prober

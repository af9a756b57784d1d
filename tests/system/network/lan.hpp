// A host and a client on one network. The test's own network namespace is the host's; the client's is another one.
#pragma once

#include <sys/types.h>

#include <string>

#include "namespaces/kernel/process.hpp"

namespace podrun::test {

inline constexpr char host_ipv4[] = "192.0.2.1", client_ipv4[] = "192.0.2.2";
inline constexpr char host_ipv6[] = "2001:db8::1", client_ipv6[] = "2001:db8::2";

/// The output of a shell command, stdout and stderr, and its status.
struct Shell {
  std::string out;
  int status = -1;
};
/// Runs a command of the host's.
Shell shell(const std::string& command);

/// A network between the host's interface `up0` and the client's `eth0`. The client has no route to pods. It ends with
/// this object.
class Lan {
 public:
  Lan();
  Lan(const Lan&) = delete;
  Lan& operator=(const Lan&) = delete;
  ~Lan();

  /// Runs a command in the client's network namespace.
  Shell on_client(const std::string& command) const;
  /// A process in it.
  pid_t client() const { return client_.pid; }

 private:
  ns::Process client_;
};

/// What curl gets from a URL within a second; "" if nothing answers.
std::string fetched(const std::string& url);
std::string fetched_by(const Lan& lan, const std::string& url);

}  // namespace podrun::test

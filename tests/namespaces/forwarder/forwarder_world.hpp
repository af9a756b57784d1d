// A forwarder between two network namespaces of the test: the "host", with its sockets at 127.0.0.1 and ::1, and the
// "pod" behind a veth(4) pair. Sockets stay in the namespace in which they were made, so a test has both ends.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"
#include "namespaces/launch/start_forwarder.hpp"
#include "pod/network/ip_address.hpp"
#include "tests/namespaces/prober/prober_run.hpp"

namespace podrun::ns {

/// The pod's addresses, and those of the host towards it.
inline constexpr const char* pod_v4 = "10.99.0.5";
inline constexpr const char* pod_v6 = "fd99::5";

/// A socket that is bound, and where.
struct Endpoint {
  Fd socket;
  std::string address;
  std::uint16_t port = 0;
};

/// Both namespaces, and what a forwarder needs.
class ForwarderWorld {
 public:
  ForwarderWorld();
  ~ForwarderWorld();
  ForwarderWorld(const ForwarderWorld&) = delete;
  ForwarderWorld& operator=(const ForwarderWorld&) = delete;

  HelperSite site() const;
  /// Runs work in a thread that is in the host's network namespace, or in the pod's.
  void in_host(const std::function<void()>& work) const { host_.inside(work); }
  void in_pod(const std::function<void()>& work) const;

  /// A socket of the host at an address and a free port; of SOCK_STREAM: it listens.
  Endpoint host_socket(const std::string& address, int type = SOCK_STREAM) const;
  /// One of the pod. Port 0: a free one.
  Endpoint pod_socket(const std::string& address, int type = SOCK_STREAM, std::uint16_t port = 0) const;
  /// A socket in the host's namespace that is connected to a socket of the host.
  Fd client_of(const Endpoint& endpoint, int type = SOCK_STREAM) const;
  /// The pod's interface goes down, or up: what is sent to the pod vanishes.
  void set_link(bool up) const;

 private:
  ProberWorld host_;
  Process pod_;
  Fd program_;
};

/// A forwarder that runs until this object is destroyed, or it ends itself.
class ForwarderRun {
 public:
  explicit ForwarderRun(const ForwarderWorld& world, const std::vector<ForwardedSocket>& sockets,
                        const ForwarderTimes& times = {});
  ~ForwarderRun();
  ForwarderRun(const ForwarderRun&) = delete;
  ForwarderRun& operator=(const ForwarderRun&) = delete;

  pid_t pid() const { return started_.process.pid; }
  int pidfd() const { return started_.process.pidfd.get(); }
  /// A field of /proc/PID/status in kB, such as VmRSS.
  long memory(std::string_view field) const;
  /// How many descriptors it has.
  std::size_t descriptors() const;
  bool runs() const;
  /// Waits for its end and returns its exit code.
  int exit_code();

 private:
  StartedHelper started_;
  bool has_ended_ = false;
};

/// A socket of the host that leads to one of the pod.
ForwardedSocket forwarded(const Endpoint& from, const Endpoint& to, std::uint8_t protocol = IPPROTO_TCP);

/// accept(2) within a time; fails the test after it.
Fd accepted(const Endpoint& server);
/// A connection through a forwarder: a client, and its peer in the pod.
struct Connected {
  Fd client, server;
};
Connected connect_through(const ForwarderWorld& world, const Endpoint& listener, const Endpoint& server);

/// Whether poll(2) reports one of `events` within a time.
bool waits_for(int fd, short events, int milliseconds = 20'000);
/// Reads until the end of file.
std::string read_all(int fd);
/// The errno of the next recv(2), which waits; 0: it has read something, -1: the end of file.
int next_error(int fd);
/// close(2) that resets the connection.
void reset(Fd socket);

}  // namespace podrun::ns

// Network namespaces for the time of a test: a host, a client beside it, and pods. All that is made in them ends with
// them.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/network/host_ports.hpp"
#include "namespaces/network/network_steps.hpp"

namespace podrun::ns {

/// A network namespace of the test, with `lo` up.
class TestNetwork {
 public:
  TestNetwork();
  /// A descriptor of it.
  int get() const { return namespace_.get(); }
  /// Runs `work` in it, in a thread of its own.
  void in(const std::function<void()>& work) const;
  /// Runs a program of the host in it: what it prints on both streams; a failure is one of the test.
  std::string run(const std::vector<std::string>& words) const;
  /// Likewise with an input; whether it succeeds, and what it prints.
  std::pair<bool, std::string> try_to_run(const std::vector<std::string>& words, const std::string& input = "") const;
  /// Writes a file below /proc/sys.
  void set(const std::string& setting, const std::string& value) const;

  /// A UDP socket, bound to an address, or to none.
  Fd datagrams(const std::string& address, std::uint16_t port) const;
  /// A TCP socket that listens.
  Fd listener(const std::string& address, std::uint16_t port) const;
  /// Whether a TCP connection is made. It waits for the answer, five seconds at most.
  bool connects(const std::string& address, std::uint16_t port) const;

 private:
  Fd namespace_;
};

/// Sends a datagram. 0 or an errno.
int send_to(const Fd& socket, const std::string& address, std::uint16_t port, const std::string& text);

/// A datagram that arrived, and the address that it came from.
struct Datagram {
  std::string text, from;
  std::uint16_t port = 0;
};
/// The next datagram. It waits five seconds at most.
std::optional<Datagram> next_datagram(const Fd& socket);
/// Whether a datagram is there.
bool has_datagram(const Fd& socket);

/// A pod with the addresses 10.77.0.N and fd77:1::N.
struct TestPod {
  std::uint32_t number;
  std::string interface;
  pod::Addresses addresses, gateways;
  TestNetwork network{};
  std::vector<BoundPort> ports{};
  Fd filter{};

  std::string ipv4() const { return pod::text_of(*addresses.ipv4); }
  std::string ipv6() const { return pod::text_of(*addresses.ipv6); }
};

/// A published port of a pod in the tests.
struct TestPort {
  std::uint8_t protocol;
  std::uint16_t host_port, container_port;
};

/// A host that forwards, 192.0.2.1 and 2001:db8::1, and a client that knows nothing of pods, 192.0.2.2 and 2001:db8::2.
struct NetworkWorld {
  NetworkWorld();

  /// A pod whose network namespace has nothing but `lo` so far.
  TestPod new_pod(std::uint32_t number) const;
  /// Makes the pod's interface, addresses and routes.
  void connect(const TestPod& pod, std::uint32_t mtu = 1500) const;
  /// Binds the pod's ports, makes its table, and adds its elements to the table of all pods.
  void filter(TestPod& pod, const std::vector<TestPort>& ports) const;
  /// All of it.
  TestPod add_pod(std::uint32_t number, const std::vector<TestPort>& ports = {}) const;

  TestNetwork host, client;
  mutable Fd shared_filter{};  ///< made with the first pod's
};

inline constexpr auto host_ipv4 = "192.0.2.1", client_ipv4 = "192.0.2.2";
inline constexpr auto host_ipv6 = "2001:db8::1", client_ipv6 = "2001:db8::2";

/// The table of all pods as podrun makes it, on a host where podrun has turned forwarding on.
pod::nft::Table table_of_all();

}  // namespace podrun::ns

// A resolver as it runs: in the network namespace of a "host", with its sockets in that of a "pod", both made for the
// test, and upstreams on the host that answer as the test says.
#pragma once

#include <sys/socket.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "namespaces/kernel/cgroup.hpp"
#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"
#include "namespaces/launch/start_resolver.hpp"
#include "namespaces/resolver/message.hpp"
#include "namespaces/resolver/names.hpp"

namespace podrun::ns {

/// The resolver's address in the pod's network namespace.
inline constexpr char served_address[] = "127.0.0.53";
/// An interface that the host has, and one that it has not.
inline constexpr char living_interface[] = "lo", dead_interface[] = "podrun9";

/// Two network namespaces, a folder of names and a control group, for the time of a test.
class ResolverWorld {
 public:
  ResolverWorld();
  ~ResolverWorld();
  ResolverWorld(const ResolverWorld&) = delete;
  ResolverWorld& operator=(const ResolverWorld&) = delete;

  /// Runs work in a thread that is in the namespace.
  void in_host(const std::function<void()>& work) const;
  void in_pod(const std::function<void()>& work) const;
  /// Writes and removes what a pod publishes, as the supervisor does.
  void publish(const resolver::PublishedPod& pod) const;
  void withdraw(const resolver::PublishedPod& pod) const;
  /// The folder of the names, and an empty folder of the test.
  std::string names() const { return folder_ + "/names"; }
  const std::string& folder() const { return folder_; }
  /// What a program in the pod's network namespace prints. It sees a resolv.conf with the pod's resolver and search list.
  std::string run(const std::vector<std::string>& words) const;
  /// What dig(1) prints with +short, its lines sorted and joined by spaces; the words after "@ADDRESS".
  std::string dig(const std::vector<std::string>& words) const;

  HelperSite site() const;

 private:
  std::string folder_;
  Process host_, pod_;
  PodCgroup group_;
  Fd helpers_, program_, root_;
};

/// A pod of the namespace "default" that is ready and alive.
resolver::PublishedPod make_pod(std::string name, const std::vector<std::string>& addresses,
                                std::map<std::string, std::string> labels = {});

using Messages = std::vector<resolver::Message>;

/// What an upstream is asked.
struct Asked {
  resolver::Bytes query;
  bool by_tcp = false;
  sockaddr_storage client{};
};

/// A server of the DNS at port 53 of an address of the host, in a thread. `serve` returns what is sent, in messages; by
/// TCP with their lengths before them.
class Upstream {
 public:
  using Serve = std::function<Messages(const Asked& asked)>;
  Upstream(const ResolverWorld& world, const std::string& address, Serve serve);
  ~Upstream();
  Upstream(const Upstream&) = delete;
  Upstream& operator=(const Upstream&) = delete;

  int by_udp() const { return by_udp_; }
  int by_tcp() const { return by_tcp_; }

 private:
  void run();
  void serve_datagram();
  void serve_connection();

  Serve serve_;
  Fd datagrams_, listener_, stop_;
  std::atomic<int> by_udp_{0}, by_tcp_{0};
  std::thread thread_;
};

/// An answer to a query: the address, or as many addresses of 192.0.2.0/24.
resolver::Message address_for(resolver::Bytes query, const std::string& address);
resolver::Message addresses_for(resolver::Bytes query, int count, std::size_t limit);
/// An upstream that always answers with that address.
Upstream::Serve answering(const std::string& address);

/// A running resolver.
class ResolverRun {
 public:
  ResolverRun(const ResolverWorld& world, std::vector<std::string> upstreams,
              std::chrono::seconds idle = std::chrono::seconds(300));
  ~ResolverRun();
  ResolverRun(const ResolverRun&) = delete;
  ResolverRun& operator=(const ResolverRun&) = delete;

  pid_t pid() const { return process_.pid; }
  /// "VmHWM" and such of /proc/PID/status.
  std::string status(std::string_view field) const;
  /// Waits for its end; its exit code.
  int exit_code();
  /// Starts another with the same sockets.
  void start();

 private:
  const ResolverWorld& world_;
  std::vector<std::string> upstreams_;
  std::chrono::seconds idle_;
  Fd datagrams_, listener_, folder_;
  Process process_;
};

/// A query for a name: type 1 is A.
resolver::Message query_for(const std::string& name, std::uint16_t type = 1, std::uint16_t id = 1);

/// A socket of the pod that is connected to the resolver.
class Client {
 public:
  enum class By : std::uint8_t { Udp, Tcp };
  explicit Client(const ResolverWorld& world, By by = By::Udp);

  /// Sends a message; by TCP with its length before it.
  void send(const resolver::Message& message) const;
  void send_raw(std::string_view bytes) const;
  /// The next message. Empty: none came for so long, or the resolver has closed.
  std::optional<resolver::Message> receive(std::chrono::milliseconds timeout = std::chrono::seconds(30)) const;
  std::optional<resolver::Message> ask(const resolver::Message& message) const;
  int fd() const { return socket_.get(); }

 private:
  By by_;
  Fd socket_;
};

}  // namespace podrun::ns

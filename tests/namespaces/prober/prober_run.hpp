// A prober in a network namespace of the test, and servers there that answer as the test says.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "namespaces/kernel/cgroup.hpp"
#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"
#include "namespaces/launch/start_prober.hpp"

namespace podrun::ns {

/// A network namespace with a loopback interface, and a control group, for the time of a test.
class ProberWorld {
 public:
  ProberWorld();
  ~ProberWorld();
  ProberWorld(const ProberWorld&) = delete;
  ProberWorld& operator=(const ProberWorld&) = delete;

  ProberSite site() const;
  /// Runs work in a thread that is in the network namespace.
  void inside(const std::function<void()>& work) const;
  /// Runs a program in the network namespace, until the test's end.
  void run_program(const std::vector<std::string>& words);
  /// An empty folder of the test.
  const std::string& folder() const { return folder_; }

 private:
  std::string folder_;
  Process holder_;
  PodCgroup group_;
  Fd helpers_, program_, root_;
  std::vector<Process> programs_;
};

/// A server on 127.0.0.1. Each connection is served in a thread: `serve` gets its descriptor, and returns when the other
/// end has closed, at the latest.
class Server {
 public:
  using Serve = std::function<void(int connection)>;
  Server(const ProberWorld& world, Serve serve);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

 private:
  Serve serve_;
  Fd socket_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_{0};
  std::vector<std::thread> threads_;
  std::thread accepting_;
};

/// Reads a request, up to the empty line.
std::string read_request(int connection);
/// Writes everything, unless the other end closes.
bool write_all(int connection, std::string_view text);
/// Waits until the other end closes.
void wait_for_close(int connection);
/// Reads a request, and answers it with `answer`.
Server::Serve answering(std::string answer);

/// A verdict as the test sees it.
struct Seen {
  std::uint64_t id = 0;
  bool succeeded = false;
  std::string text;
};

/// A running prober.
class ProberRun {
 public:
  explicit ProberRun(const ProberWorld& world);
  ~ProberRun();
  ProberRun(const ProberRun&) = delete;
  ProberRun& operator=(const ProberRun&) = delete;

  void send(const prober::Request& request);
  /// The next verdict; fails the test if there is none.
  Seen next();
  bool is_silent(std::chrono::milliseconds time) const;
  /// Sends a probe with thresholds of 1 and waits for its first verdict.
  Seen try_once(prober::Request request);
  const StartedProber& started() const { return started_; }
  /// "VmHWM" and such of /proc/PID/status, in KiB.
  long memory(std::string_view field) const;
  bool has_ended(int timeout_ms) const;

 private:
  StartedProber started_;
  std::uint64_t next_id_ = 1000;
};

/// What a prober for a hook has done.
struct HookRun {
  int exit_code = -1;
  std::string output;
};
HookRun run_hook(const ProberWorld& world, const prober::Request& request);

/// A probe that is due now, with thresholds of 1. It is tried once, because its period is long.
prober::Request http(std::uint16_t port, std::string path = "/");
prober::Request tcp(std::uint16_t port);
prober::Request grpc(std::uint16_t port, std::string service = "");

}  // namespace podrun::ns

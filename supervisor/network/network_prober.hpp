// The supervisor's half of network probes: httpGet, tcpSocket and grpc. The attempts are made by podrun-prober, one
// process for each network namespace that has such probes; a pod without them has none.
//
//   start(key) ──▶ a prober of its network namespace, started at the first probe ──▶ verdicts ──▶ report
//
// A prober reads what containers send, so it counts as taken over: what it sends is checked, its texts are made
// harmless, and one that breaks the protocol is killed. A prober that has ended is started again after a delay; until
// then nothing is known of its probes, which changes nothing.
#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "namespaces/launch/start_prober.hpp"
#include "pod/spec/probes.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/event_loop.hpp"

namespace podrun::supervisor {

/// A probe of a pod.
struct ProbeKey {
  std::size_t container = 0;  ///< its index in PodPlan::containers
  pod::ProbeKind kind = pod::ProbeKind::Startup;
  auto operator<=>(const ProbeKey&) const = default;
};

/// A network namespace that has probes, as its prober's identity: 0 is the pod's, 1 the host's; a container's own is
/// named by the pid of the container's first process, so that the next instance has another.
using NetworkId = std::uint64_t;
inline constexpr NetworkId network_of_pod = 0, network_of_host = 1;

/// Whether this is an action of a prober.
bool is_network_action(const pod::ProbeAction& action);

/// What a prober is asked for a probe, but for its id and its first instant. Error: it is an exec action.
Result<prober::Request> request_of(const pod::Probe& probe);
/// What it is asked for a hook: `timeout` bounds it. Error: it is no httpGet.
Result<prober::Request> request_of(const pod::HookAction& action, std::chrono::nanoseconds timeout);

/// How many verdicts a probe can have: one for each attempt, and one attempt each period; two more, because an attempt
/// that was late is followed at once. More of them come only from a prober that was taken over.
class VerdictBudget {
 public:
  VerdictBudget(std::chrono::nanoseconds period, BootTime now) : period_(period), from_(now) {}
  /// Counts a verdict. False: there are too many.
  bool take(BootTime now);

 private:
  std::chrono::nanoseconds period_;
  BootTime from_;
  std::int64_t taken_ = 0;
};

/// The network probes of one pod.
class NetworkProber {
 public:
  /// A verdict after the thresholds, with words: of a failure, or of a success with a warning.
  using Report = std::function<void(bool succeeded, std::string message)>;
  struct Ports {
    EventLoop& loop;
    /// The network namespace of a container that runs.
    std::function<Result<NetworkId>(std::size_t container)> network_of;
    /// Starts a prober in the network namespace that a container is in.
    std::function<Result<ns::StartedProber>(std::size_t container)> start_prober;
  };

  explicit NetworkProber(Ports ports);
  NetworkProber(const NetworkProber&) = delete;
  NetworkProber& operator=(const NetworkProber&) = delete;
  ~NetworkProber();

  /// Begins a probe of a container that runs: its first attempt is at `first` on CLOCK_MONOTONIC, or at once if that is
  /// past. A probe with this key is replaced. A prober that cannot be started is no error: it is tried again.
  Result<> start(ProbeKey key, const pod::Probe& probe, std::chrono::nanoseconds first, Report report);
  /// Ends a probe; its report is not called any more. No such probe is no error.
  void stop(ProbeKey key);

  /// The number of network namespaces that have a prober, or wait for one.
  std::size_t probers() const { return probers_.size(); }

 private:
  struct Probe {
    ProbeKey key;
    prober::Request request;
    Report report;
    NetworkId network;
    VerdictBudget budget;
    std::optional<bool> verdict;  ///< the last of the present prober
  };
  struct OneProber;

  bool has_probes(NetworkId network) const;
  void launch_first(NetworkId network, std::size_t container);
  void launch(OneProber& prober);
  void retry(OneProber& prober, const std::string& why);
  void on_message(OneProber& prober);
  std::string handle(OneProber& prober, const prober::Verdict& verdict, std::size_t received);
  void on_end(OneProber& prober);
  void kill(OneProber& prober, const std::string& why);
  void add(OneProber& prober, Probe& probe);
  void send(OneProber& prober, prober::Request request);
  void watch(OneProber& prober);
  void send_waiting(OneProber& prober);

  Ports ports_;
  std::uint64_t next_id_ = 1;
  std::map<std::uint64_t, Probe> probes_;
  std::map<ProbeKey, std::uint64_t> ids_;
  std::map<NetworkId, std::unique_ptr<OneProber>> probers_;
};

}  // namespace podrun::supervisor

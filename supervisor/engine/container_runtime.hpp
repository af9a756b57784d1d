// One container of a running pod: its present instance, and all that belongs to it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"
#include "namespaces/launch/launch.hpp"
#include "namespaces/launch/pause_client.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/event_loop.hpp"
#include "supervisor/engine/container_log.hpp"
#include "supervisor/engine/helper_processes.hpp"
#include "supervisor/engine/log_service.hpp"
#include "supervisor/network/network_prober.hpp"
#include "supervisor/engine/pod_context.hpp"
#include "supervisor/engine/prober_sites.hpp"
#include "supervisor/engine/sandbox.hpp"
#include "supervisor/engine/start_timeline.hpp"
#include "supervisor/health/container_health.hpp"
#include "supervisor/lifecycle/pod_lifecycle.hpp"

namespace podrun::supervisor {

/// How long the supervisor waits for the end of processes that it has killed.
inline constexpr std::chrono::seconds kill_timeout{5};

/// What a container needs of the pod's other parts.
struct ContainerPorts {
  PodContext& pod;
  Sandbox& sandbox;
  HelperProcesses& helpers;
  LogService& logs;
  RegisteredCommands& commands;
  ProberSites& prober_sites;
  NetworkProber& network_prober;
  /// Handles an event of this container.
  std::function<void(const event::OfContainer&)> handle;
  /// The process of another container, or of the pod's init (""). Error: it does not run.
  std::function<Result<ns::Process>(const std::string& container)> process_of;
  /// Waits until the pause has said what it has not stored, which is passed to on_refused().
  std::function<void()> sync_with_pause;
  std::function<void()> has_new_output;
  std::function<void()> has_ended;  ///< the present instance is about to be forgotten
};

/// Performs what the lifecycle decides for one container, and tells it what happens.
class ContainerRuntime {
 public:
  /// `owners`: the containers that must run as long as this one runs.
  ContainerRuntime(std::size_t index, std::vector<std::size_t> owners, ContainerPorts ports);
  ContainerRuntime(const ContainerRuntime&) = delete;
  ContainerRuntime& operator=(const ContainerRuntime&) = delete;

  // ---- actions of the lifecycle ----
  void launch(int instance);
  void terminate();
  void kill();
  void reap();
  /// RunHook, StartProbe, StopProbe.
  ContainerHealth& health() { return health_; }

  /// Makes the overlay of the first instance while the pause performs the sandbox steps. A container that joins another
  /// is launched later, but its root is used for the same instance.
  void make_root_early() { early_root_ = ns::make_root_early(plan(), 0); }

  // ---- taking over from a former supervisor ----
  /// Takes what the pause holds of the container's child, and determines what the register and the kernel know of it.
  Result<Registered> adopt(ns::KeptItem child);
  /// Goes on with an adopted child: watches it, and does what the former supervisor may not have done.
  Result<> resume(const Registered& child);

  /// The pause has not stored the present instance, or its new descriptors: errno.
  void on_refused(int number);

  /// The first process of the present instance; without a pid if there is none.
  const ns::Process& process() const { return process_; }
  const pod::ContainerPlan& plan() const { return ports_.pod.plan.containers[index_]; }
  std::size_t index() const { return index_; }
  ContainerLog& log() { return log_; }
  /// The write end of its stdin; what is no pipe was given away (stdinOnce).
  const Fd& input() const { return input_; }
  /// The only client that may have stdin has got it: nobody else will.
  Result<> give_input_away();

  /// The times of its launch; nullptr: this supervisor has not launched it.
  const LaunchTimeline* times() const { return first_times_ ? &*first_times_ : times_ ? &*times_ : nullptr; }
  /// Frees a page of memory that it shares with its child.
  void forget_times() {
    times_.reset();
    first_times_.reset();
  }

 private:
  const ContainerStatus& status() const { return ports_.pod.record.status.containers[index_]; }
  ContainerRecord& record() { return ports_.pod.record.containers[index_]; }
  void handle(Event event, std::vector<std::size_t> ending = {}) {
    ports_.handle({.index = index_, .event = std::move(event), .ending = std::move(ending)});
  }
  HealthPorts health_ports();
  Result<NewCommand> make_http_hook(const pod::HttpGetAction& http, std::string name);
  bool was_oom_killed(int exit_code) const;
  bool is_in_pid_namespace_of_its_own() const;
  void forget_instance();

  Result<> make_next_revision();
  Result<ns::Launched> clone(int instance, NewLog& log, ns::LaunchTimes& times);
  ns::Registration registration(const LogDescriptors& log, int gate = -1) const;
  Result<> keep(const LogDescriptors& log, int gate = -1);
  Result<> keep_for_sure(const LogDescriptors& log);
  void on_launch_failed(const Error& error);
  void report_start_failure(event::ExecFailed failure);
  void discard_previous_instance(int instance);

  // ---- container_watch.cpp: exec and exit ----
  Result<> watch();
  void on_report();
  void on_exit();
  Registered registered() const;
  std::string describe_failure(const ns::StepFailure& report) const;
  std::string describe_killed() const;
  bool found_gate_closed(const ns::StepFailure& report) const;
  std::string read_termination_message(int exit_code) const;
  void log_started() const;
  void log_attach_hint() const;

  std::size_t index_;
  std::vector<std::size_t> owners_;
  ContainerPorts ports_;
  ContainerLog log_;

  // Of the present instance, which the state file cannot contain:
  int number_ = -1;
  ns::Process process_;
  bool terminated_ = false;  ///< its stop signal was sent to it
  Fd report_;
  Fd input_;  ///< ns::Launched::input; /dev/null after the first client has taken it (stdinOnce)
  EventSource exit_watch_;
  EventSource report_watch_;
  int refused_ = 0;            ///< errno of on_refused()
  EventSource register_again_;  ///< timer after that
  EventSource hear_pause_;      ///< after keep_for_sure(): messages of the pause may have been read
  std::optional<LaunchTimeline> times_;
  std::optional<LaunchTimeline> first_times_;  ///< of the first instance, which has ended

  bool killed_ = true;  ///< its control group was killed, perhaps by a former supervisor, and must be made anew
  std::uint64_t oom_kills_ = 0;  ///< of its control group, when the present instance began
  std::optional<ns::EarlyRoot> early_root_;
  ContainerHealth health_;
};

}  // namespace podrun::supervisor

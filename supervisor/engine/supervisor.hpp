// The supervisor: receives events, passes them to the pure lifecycle, and performs the resulting actions. It runs in
// the host's namespaces, with one thread and one event loop. It may be killed at any time; the next supervisor
// continues from the pause's register and the state file.
//
//   Engine            queue of events → lifecycle → actions; the state file and the timers
//   ContainerRuntime  one for each container: its present instance and its ContainerLog
//   Sandbox           the pause's process, what it holds for all containers, the control group
//   LogService        the folder of the run's logs, the terminal, space on the disk
//   AttachService     clients of podrun attach
//   HelperProcesses   child processes for work of unknown duration
//   ImagePulls        images that containers wait for, while the others run
//   PodNetwork        what connects the pod to the host, and the helpers that serve it (supervisor/network)
//   ContainerHealth   the probes and hooks of a container (supervisor/health)
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/launch/pause_start.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/text/result.hpp"
#include "supervisor/attach/control_socket.hpp"
#include "supervisor/core/event_loop.hpp"
#include "supervisor/core/exit_status.hpp"
#include "supervisor/core/layout.hpp"
#include "supervisor/core/notify.hpp"
#include "supervisor/engine/attach_service.hpp"
#include "supervisor/engine/container_runtime.hpp"
#include "supervisor/engine/engine.hpp"
#include "supervisor/engine/helper_processes.hpp"
#include "supervisor/engine/image_pulls.hpp"
#include "supervisor/engine/log_service.hpp"
#include "supervisor/network/network_prober.hpp"
#include "supervisor/engine/pod_context.hpp"
#include "supervisor/engine/prober_sites.hpp"
#include "supervisor/engine/sandbox.hpp"
#include "supervisor/network/pod_network.hpp"
#include "supervisor/state/file_variables.hpp"
#include "supervisor/state/pod_record.hpp"

namespace podrun::supervisor {

/// The names under which the pause holds descriptors of the supervisor from its start.
inline constexpr char control_hold[] = "control";
inline constexpr char ready_hold[] = "ready";  ///< -d: the pipe to the caller's process, for the result of the start

/// The input of every supervisor, the first and all later ones.
struct SupervisorArgs {
  Layout layout;
  pod::PodPlan plan;
  pod::HostFacts facts;
  PodRecord record;
  Fd pause_socket;
  Fd ready = {};  ///< -d: the pipe to the caller's process, for the result of the start
  std::optional<FileVariables> file_variables;
  std::vector<ns::NamedFd> to_hold;  ///< StoredRun::to_hold
};

/// Runs the pod to its end, or until this process dies. Returns the exit status of this process; the pod's exit status
/// is the pause's.
int supervise(SupervisorArgs args);

/// The supervisor of one pod: makes its parts, starts them in order, and ends the pod.
class Supervisor {
 public:
  explicit Supervisor(SupervisorArgs args);
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  /// See supervise().
  int run();

 private:
  // ---- supervisor.cpp: the phases of a start, in this order ----
  Result<> begin();
  Result<> write_state();
  Result<> hand_over_plans();
  Result<> forget_former_copies(const ns::Holdings& holdings);
  Result<> listen(ns::Holdings& holdings);
  Result<> write_pod_files();
  Result<> make_sandbox(ns::Holdings& holdings);
  Result<> adopt(ns::Holdings& holdings);
  Result<> go_on(const ns::Holdings& holdings);

  void make_containers();
  void perform(const PodAction& action);
  void announce();

  // ---- supervisor_pause.cpp: what the pause says unasked, its children, and what it holds of the network ----
  PodNetwork::Ports network_ports();
  Result<ns::Process> process_of(const std::string& container) const;
  void on_pause();
  void reap_unregistered_children();
  void report_refusals();
  void handle_ended_commands();
  void take_over_commands(ns::Holdings& holdings);
  void end_commands_of_former_supervisor();
  void handle_stop_requests(int count);
  void sync_with_pause();
  Result<> check_what_is_held(const ns::Holdings& holdings);
  bool may_be_our_child(pid_t child, const ns::Holdings& holdings) const;
  Result<> kill_unregistered_children(const ns::Holdings& holdings);

  // ---- supervisor_end.cpp: what is told to those who wait for the pod, and its end ----
  void report_status();
  void tell_who_waits();
  void finish(bool succeeded);
  void try_to_leave();
  [[noreturn]] void leave(ExitStatus status, const std::string& words = "");
  [[noreturn]] void abort_start(const std::string& words);
  [[noreturn]] void on_pause_gone();
  void send_start_result_to_caller(ExitStatus status, const std::string& words);

  std::vector<ns::NamedFd> to_hold_;  ///< until the pause holds it
  Fd ready_;  ///< SupervisorArgs::ready, until the result was sent
  PodContext pod_;
  LogService logs_;
  Sandbox sandbox_;
  HelperProcesses helpers_;
  AttachService attached_;
  Engine engine_;
  RegisteredCommands commands_;
  ProberSites prober_sites_;
  NetworkProber network_prober_;
  ImagePulls images_;
  PodNetwork network_;
  std::vector<std::unique_ptr<ContainerRuntime>> containers_;
  Notifier notifier_;
  std::optional<ControlServer> control_;
  EventSource pause_watch_;
  EventSource leave_timer_;
  int stops_handled_ = 0;
  bool told_systemd_ = false;  ///< READY=1
  ExitStatus exit_status_ = ExitStatus::Failed;  ///< the pod's, once it has finished
};

}  // namespace podrun::supervisor

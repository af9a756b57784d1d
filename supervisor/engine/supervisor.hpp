// The supervisor: hears events, asks the pure lifecycle what they mean, performs the actions. Host namespaces, one
// thread, one loop; it may be killed at any instant, and the next one goes on from the pause's register and the state
// file.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "namespaces/kernel/cgroup.hpp"
#include "namespaces/kernel/child_task.hpp"
#include "namespaces/kernel/fd.hpp"
#include "namespaces/launch/launch.hpp"
#include "namespaces/launch/make_namespace.hpp"
#include "namespaces/launch/pause_client.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/text/result.hpp"
#include "supervisor/attach/attach_protocol.hpp"
#include "supervisor/attach/control_socket.hpp"
#include "supervisor/core/event_loop.hpp"
#include "supervisor/core/exit_status.hpp"
#include "supervisor/core/layout.hpp"
#include "supervisor/core/notify.hpp"
#include "supervisor/lifecycle/adoption.hpp"
#include "supervisor/lifecycle/pod_lifecycle.hpp"
#include "supervisor/logs/foreground_terminal.hpp"
#include "supervisor/logs/log_files.hpp"
#include "supervisor/logs/log_pump.hpp"
#include "supervisor/state/file_variables.hpp"
#include "supervisor/state/pod_record.hpp"
#include "supervisor/state/state_file.hpp"
#include "supervisor/state/timeline.hpp"

namespace podrun::supervisor {

/// The names under which the pause holds our descriptors for us, from its first instant on.
inline constexpr char control_hold[] = "control";
inline constexpr char ready_hold[] = "ready";  ///< -d: where the waiting caller is told how the start went

/// Tells the process that waits behind `podrun -d`: one byte, the status it is to exit with, then lines for its stderr,
/// which name the pod.
void send_start_result(const Fd& ready, ExitStatus status, const std::string& words);

/// How long the supervisor waits for the end of processes that it has killed.
inline constexpr std::chrono::seconds kill_timeout{5};

/// What a supervisor starts from, the first one and every later one alike.
struct SupervisorArgs {
  Layout layout;
  pod::PodPlan plan;
  pod::HostFacts facts;
  PodRecord record;
  Fd pause_socket;
  std::optional<FileVariables> file_variables;
};

/// Runs the pod to its end, or until this process dies. The value is this process's exit status; the pod's is the
/// pause's.
int supervise(SupervisorArgs args);

/// The descriptors and watches of one container's present instance: what the state file cannot hold.
struct Instance {
  int number = -1;
  ns::Process process;
  bool terminated = false;  ///< it was sent TERM
  Fd report;
  Fd input;  ///< ns::Launched::input; /dev/null when the first who attached has taken it along
  std::optional<LogPump> log;
  // Of the pod's start, for its timeline.
  ns::LaunchTimes times;
  BootTime gate_opened{0};
  BootTime exec_seen{0};
  EventSource exit_watch;
  EventSource report_watch;
  EventSource out_watch;
  EventSource err_watch;
  EventSource retry;  ///< after the log's pipes could not be used
  bool log_in_trouble = false;
};

/// What the terminal has been shown of a container's logs.
struct DisplayedLog {
  LogCursor place;     ///< the position of its file is what comes next; a later supervisor goes on from there
  off_t skipped = 0;  ///< bytes that were removed before they came
};

class Supervisor {
 public:
  explicit Supervisor(SupervisorArgs args);
  int run();

 private:
  // ---- supervisor.cpp: the start, and the way of an event ----
  Result<> begin();
  Result<> connect_pause();
  Result<> listen();
  Result<> prepare_sandbox(ns::Holdings& holdings);
  Result<> find_init(Fd pidfd);
  void handle(PodEvent event);
  std::optional<std::size_t> index_of(std::string_view container) const;
  void handle_container(std::size_t index, Event event) { handle(event::OfContainer{index, std::move(event)}); }
  void check_pod_status();
  void on_pause();
  void reap_unregistered_children();
  void handle_stop_requests(int count);
  void note_stopping(const PodEvent& event);
  void announce();

  // ---- supervisor_files.cpp: what the pod's containers find ----
  bool writes_early() const;
  Result<> write_files();
  Result<> run_in_child_and_wait(const std::function<Result<>()>& work);
  void make_roots_early();
  Result<> make_memory_volumes();
  Result<> read_variables(std::size_t index);

  // ---- supervisor_actions.cpp: one function for each action ----
  void perform(std::size_t index, const Action& action);
  void launch(std::size_t index, int instance);
  Result<ns::Process> process_of(const std::string& container) const;
  Result<ns::Launched> clone(std::size_t index, int instance, NewLog& log, ns::LaunchTimes& times);
  void on_launch_failed(std::size_t index, const Error& error);
  void report_start_failure(std::size_t index, const std::string& words);
  void terminate(std::size_t index);
  void kill(std::size_t index);
  void record();
  void reap(std::size_t index);
  void arm(std::size_t index, const action::Arm& arm);
  void discard_previous_instance(std::size_t index, int instance);
  void help(int (*work)(void*), void* argument);

  // ---- supervisor_watch.cpp: what the kernel says of a container ----
  Result<> watch(std::size_t index);
  void on_report(std::size_t index);
  void on_exit(std::size_t index);
  std::string words_of(std::size_t index, const ns::StepFailure& report) const;
  std::string words_of_killed(std::size_t index) const;
  void log_started(std::size_t index) const;
  void log_attach_hint(std::size_t index) const;
  std::string read_termination_message(std::size_t index, int exit_code) const;
  bool found_gate_closed(std::size_t index, const ns::StepFailure& report) const;

  // ---- supervisor_logs.cpp: what a container says, into its logs and to the terminal ----
  void open_log_folders();
  Result<Fd> make_log_file(std::size_t index, int instance);
  LogPumpCallbacks log_pump_callbacks(std::size_t index);
  Result<> keep(std::size_t index, const LogDescriptors& log);
  void watch_output(std::size_t index);
  void on_output(std::size_t index, Stream stream);
  void on_pump_failed(std::size_t index, const Error& error);
  void drain_log(std::size_t index);
  void log_write_trouble(std::size_t index);
  void begin_showing(std::size_t index);
  bool show(std::size_t index);
  bool show_next_file(std::size_t index);
  void report_skipped_bytes(std::size_t index);
  bool show_all();
  void wait_for_terminal();
  void remove_surplus_logs(std::size_t index);
  bool make_room();
  bool remove_log(std::size_t index, const LogFileStat& log);

  // ---- supervisor_attach.cpp: who looks at a container, and types ----
  struct Attached {
    std::size_t index;
    Fd client;
    EventSource watch;
  };
  void attach(const AttachRequest& request, Fd client);
  Result<> accept(std::size_t index, const AttachRequest& request, int client);
  void watch_attached(std::list<Attached>::iterator attached, std::uint32_t events);
  LogPosition log_position(std::size_t index) const;
  void notify_attached(std::size_t index);
  void disconnect_attached(std::size_t index);

  // ---- supervisor_adopt.cpp: what a former supervisor left ----
  Result<> adopt(ns::Holdings& holdings);
  Result<> adopt_child(std::size_t index, ns::KeptItem& child);
  void migrate_from_old_pause(const ns::Holdings& holdings);
  Result<> kill_unregistered_children(const ns::Holdings& holdings);
  Registered registered(std::size_t index, int instance) const;
  bool may_be_our_child(pid_t child, const ns::Holdings& holdings) const;

  // ---- supervisor_timeline.cpp: where the start went ----
  void write_timeline() const;
  void add_spans(std::size_t index, std::vector<Span>& spans) const;

  // ---- supervisor_end.cpp: the ways it ends ----
  void finish();
  void try_to_leave();
  void wait_for_helpers();
  [[noreturn]] void leave(ExitStatus status, const std::string& words = "");
  [[noreturn]] void abort_start(const Error& error);
  [[noreturn]] void on_pause_gone();
  void send_start_result_to_caller(ExitStatus status, const std::string& words);

  Layout layout_;
  pod::PodPlan plan_;
  pod::HostFacts facts_;
  std::optional<FileVariables> file_variables_;
  PodRecord record_;
  PodPolicy policy_;
  StateFile state_;
  bool is_first_;  ///< of the pod's supervisors
  ns::PauseClient pause_;
  Fd ready_;
  Fd control_socket_;  ///< until control_ has it
  EventLoop loop_;
  Notifier notifier_;

  Fd pause_pidfd_;
  Fd entry_program_;  ///< for containers that join a PID namespace
  Fd cells_;
  ns::Process init_;  ///< of a pod that has one
  ns::HeldNamespaces namespaces_;
  std::optional<ns::PodCgroup> cgroup_;
  std::vector<std::optional<ns::EarlyRoot>> early_roots_;
  std::vector<Instance> instances_;
  std::vector<EventSource> timers_;  ///< one a container: its lifecycle's
  std::vector<bool>
      killed_;  ///< whose control group was killed, perhaps by a former supervisor: it takes nobody any more
  ns::DirectoryHandle run_logs_;     ///< the folder of this run's logs
  std::vector<LogFolder> log_folders_;  ///< in it, of each container
  std::vector<DisplayedLog> shown_;    ///< of each container
  std::optional<ForegroundTerminal> terminal_;
  std::optional<ControlServer> control_;
  struct Helper {
    ns::Process process;
    EventSource watch;
  };
  std::list<Helper> helpers_;  ///< short-lived children of ours
  std::list<Attached> attached_;
  std::optional<ns::ChildTask> awaited_task_;  ///< what the start waits for
  EventSource pause_watch_;
  std::array<EventSource, 2> terminal_watches_;  ///< by Stream: it could not take more
  EventSource leave_timer_;

  std::deque<PodEvent> queue_;
  bool handling_ = false;
  int stops_handled_ = 0;
  bool announced_ = false;
  bool ending_ = false;
};

}  // namespace podrun::supervisor

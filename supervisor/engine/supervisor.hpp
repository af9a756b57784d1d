// The supervisor: receives events, passes them to the pure lifecycle, and performs the resulting actions. It runs in
// the host's namespaces, with one thread and one event loop. It may be killed at any time; the next supervisor
// continues from the pause's register and the state file.
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

/// The names under which the pause holds descriptors of the supervisor from its start.
inline constexpr char control_hold[] = "control";
inline constexpr char ready_hold[] = "ready";  ///< -d: the pipe to the caller's process, for the result of the start

/// Reports the result of the start to the caller's process of `podrun -d`: one byte with the exit status, then lines
/// for its stderr, which name the pod.
void send_start_result(const Fd& ready, ExitStatus status, const std::string& words);

/// How long the supervisor waits for the end of processes that it has killed.
inline constexpr std::chrono::seconds kill_timeout{5};

/// The input of every supervisor, the first and all later ones.
struct SupervisorArgs {
  Layout layout;
  pod::PodPlan plan;
  pod::HostFacts facts;
  PodRecord record;
  Fd pause_socket;
  std::optional<FileVariables> file_variables;
};

/// Runs the pod to its end, or until this process dies. Returns the exit status of this process; the pod's exit status
/// is the pause's.
int supervise(SupervisorArgs args);

/// The descriptors and watches of a container's present instance, which the state file cannot contain.
struct Instance {
  int number = -1;
  ns::Process process;
  bool terminated = false;  ///< SIGTERM was sent to it
  int refused = 0;          ///< errno: the pause has not stored it, so it never ran
  Fd report;
  Fd input;  ///< ns::Launched::input; /dev/null after the first client has taken it (stdinOnce)
  std::optional<LogPump> log;
  // Times of the pod's start, for its timeline.
  ns::LaunchTimes times;
  BootTime gate_opened{0};
  BootTime exec_seen{0};
  EventSource exit_watch;
  EventSource report_watch;
  EventSource out_watch;
  EventSource err_watch;
  EventSource retry;  ///< timer after an error of the log's pipes
  bool log_in_trouble = false;
};

/// What the terminal has shown of a container's logs.
struct DisplayedLog {
  LogCursor place;     ///< the file position is the next byte to show; later supervisors continue there
  off_t skipped = 0;  ///< bytes that were removed before they were shown
};

/// The supervisor of one pod. Its functions are in several files, by subject.
class Supervisor {
 public:
  explicit Supervisor(SupervisorArgs args);
  /// See supervise().
  int run();

 private:
  // ---- supervisor.cpp: start and event handling ----
  Result<> begin();
  Result<> connect_pause();
  Result<> listen();
  Result<> prepare_sandbox(ns::Holdings& holdings);
  Result<> find_init(Fd pidfd);
  void handle(PodEvent event);
  std::optional<std::size_t> index_of(std::string_view container) const;
  void handle_container(std::size_t index, Event event, std::vector<std::size_t> ending = {}) {
    handle(event::OfContainer{index, std::move(event), std::move(ending)});
  }
  bool is_about_to_abort() const;
  void report_status();
  void log_transitions(const PodStatus& before, BootTime now) const;
  void note_stopping(const PodEvent& event);
  void announce();

  // ---- supervisor_pause.cpp: what the pause says unasked ----
  void on_pause();
  void reap_unregistered_children();
  void report_refusals();
  void handle_stop_requests(int count);

  // ---- supervisor_files.cpp: files, volumes and roots of the containers ----
  bool writes_early() const;
  Result<> write_files();
  Result<> run_in_child_and_wait(const std::function<Result<>()>& work);
  void make_roots_early();
  Result<> make_memory_volumes();
  Result<> read_variables(std::size_t index);

  // ---- supervisor_actions.cpp: the actions of the lifecycle ----
  void perform(std::size_t index, const Action& action);
  void launch(std::size_t index, int instance);
  Result<ns::Process> process_of(const std::string& container) const;
  Result<ns::Launched> clone(std::size_t index, int instance, NewLog& log, ns::LaunchTimes& times);
  void on_launch_failed(std::size_t index, const Error& error);
  void report_start_failure(std::size_t index, event::ExecFailed failure);
  void terminate(std::size_t index);
  void kill(std::size_t index);
  void record();
  void reap(std::size_t index);
  void arm(std::size_t index, const action::Arm& arm);
  void discard_previous_instance(std::size_t index, int instance);
  void help(const std::function<int()>& work);

  // ---- supervisor_watch.cpp: exec and exit of a container ----
  Result<> watch(std::size_t index);
  void on_report(std::size_t index);
  void on_exit(std::size_t index);
  std::string describe_failure(std::size_t index, const ns::StepFailure& report) const;
  std::string describe_killed(std::size_t index) const;
  void log_started(std::size_t index) const;
  void log_attach_hint(std::size_t index) const;
  std::string read_termination_message(std::size_t index, int exit_code) const;
  bool found_gate_closed(std::size_t index, const ns::StepFailure& report) const;

  // ---- supervisor_logs.cpp: container output, to the logs and the terminal ----
  void open_log_folders();
  Result<Fd> make_log_file(std::size_t index, int instance);
  LogPumpCallbacks log_pump_callbacks(std::size_t index);
  Result<> keep(std::size_t index, const LogDescriptors& log, int gate = -1);
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

  // ---- supervisor_attach.cpp: attached clients ----
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

  // ---- supervisor_adopt.cpp: taking over from a former supervisor ----
  Result<> adopt(ns::Holdings& holdings);
  Result<> adopt_child(std::size_t index, ns::KeptItem& child);
  Result<> resume(std::size_t index, const Registered& child);
  void migrate_from_old_pause(const ns::Holdings& holdings);
  Result<> kill_unregistered_children(const ns::Holdings& holdings);
  Registered registered(std::size_t index, int instance) const;
  bool may_be_our_child(pid_t child, const ns::Holdings& holdings) const;

  // ---- supervisor_timeline.cpp: the timeline of the start ----
  void write_timeline() const;
  void add_spans(std::size_t index, std::vector<Span>& spans) const;

  // ---- supervisor_end.cpp: the end of the pod ----
  void finish(bool succeeded);
  void try_to_leave();
  void wait_for_helpers();
  [[noreturn]] void leave(ExitStatus status, const std::string& words = "");
  [[noreturn]] void abort_start(const std::string& words);
  [[noreturn]] void on_pause_gone();
  void send_start_result_to_caller(ExitStatus status, const std::string& words);

  Layout layout_;
  pod::PodPlan plan_;
  pod::HostFacts facts_;
  std::optional<FileVariables> file_variables_;
  PodRecord record_;
  LifecycleSpec spec_;
  StateFile state_;
  bool is_first_;  ///< whether this is the pod's first supervisor
  ns::PauseClient pause_;
  Fd ready_;
  Fd control_socket_;  ///< until it is moved into control_
  EventLoop loop_;
  Notifier notifier_;

  Fd pause_pidfd_;
  Fd entry_program_;  ///< for containers that join a PID namespace
  Fd cells_;
  ns::Process init_;  ///< the pod's init, if it has one
  ns::HeldNamespaces namespaces_;
  std::optional<ns::PodCgroup> cgroup_;
  std::vector<std::optional<ns::EarlyRoot>> early_roots_;
  std::vector<Instance> instances_;
  std::vector<EventSource> timers_;  ///< by container: the timer of its lifecycle
  std::vector<bool>
      killed_;  ///< by container: its cgroup was killed, perhaps by a former supervisor, and must be made anew
  ns::DirectoryHandle run_logs_;     ///< folder of this run's logs
  std::vector<LogFolder> log_folders_;  ///< by container: folder of its logs, in run_logs_
  std::vector<DisplayedLog> shown_;    ///< by container
  std::optional<ForegroundTerminal> terminal_;
  std::optional<ControlServer> control_;
  struct Helper {
    ns::Process process;
    EventSource watch;
  };
  std::list<Helper> helpers_;  ///< short-lived child processes of the supervisor
  std::list<Attached> attached_;
  std::optional<ns::ChildTask> awaited_task_;  ///< a child process that the start waits for
  EventSource pause_watch_;
  std::array<EventSource, 2> terminal_watches_;  ///< by Stream: set while the terminal cannot be written to
  EventSource leave_timer_;

  std::deque<PodEvent> queue_;
  bool handling_ = false;
  int stops_handled_ = 0;
  ExitStatus exit_status_ = ExitStatus::Failed;  ///< the pod's, once it has finished
};

}  // namespace podrun::supervisor

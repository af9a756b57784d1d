// The commands of probes and hooks that are registered with the pause.
//
//   supervisor                                        pause
//      │ clone(CLONE_PARENT): the monitor               │
//      │ Register(name) [pidfd, pipe, group, …, gate] ▶ │  stores them, and opens the gate: the command runs
//      │ ◀─────────────────── CommandEnded(name, status) │  the monitor has ended, and with it what is in the group
//      │ the result is on record                        │
//      │ Acknowledge(name) ───────────────────────────▶ │  forgets it
//
// The pause keeps a command's descriptors, so the next supervisor goes on to watch it and to read its output. A hook
// outlives the supervisor: the pause keeps its lifeline, too. A probe does not: its lifeline ends with the supervisor.
#pragma once

#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "namespaces/kernel/cgroup.hpp"
#include "namespaces/launch/enter.hpp"
#include "namespaces/launch/pause_client.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/event_loop.hpp"
#include "supervisor/health/command_output.hpp"

namespace podrun::supervisor {

/// How a command has ended.
struct CommandEnd {
  std::optional<int> exit_code;           ///< empty: it never ran
  std::optional<ns::StepFailure> report;  ///< the step that failed before its exec
  std::string error;                      ///< why it never ran, if no step failed
  std::string output;                     ///< the end of what it has printed
};

/// A command that waits until it is registered.
struct NewCommand {
  std::string name;
  int instance = 0;  ///< of its container
  ns::EnteredCommand entered;
  Fd output;                               ///< the read end of its output, O_NONBLOCK; empty: it prints nothing
  std::optional<ns::CommandCgroup> group;  ///< empty: it starts no other processes
  bool outlives_supervisor = false;
  bool needs_record = true;  ///< of one that outlives the supervisor: its end has to be on record
};

/// All commands of a pod that are in flight, by name.
class RegisteredCommands {
 public:
  using OnEnd = std::function<void(const CommandEnd&)>;

  /// `is_on_record`: whether what was to be recorded last is on disk.
  RegisteredCommands(EventLoop& loop, ns::PauseClient& pause, std::function<bool()> is_on_record)
      : loop_(loop), pause_(pause), is_on_record_(std::move(is_on_record)) {}

  /// Registers a command, which runs from then on, and calls `on_end` once. When that returns the end of a hook must be on
  /// record, because the pause forgets it; if it is not, the pause keeps it.
  Result<> add(NewCommand command, OnEnd on_end);
  bool contains(const std::string& name) const { return commands_.contains(name); }
  /// Whether a command has that monitor.
  bool has_monitor(pid_t pid) const;
  /// The end of what a command has printed so far; "" if there is none of that name.
  std::string output_of(const std::string& name);
  /// Kills a command with all that it has started; its end follows. Without a command of that name nothing happens.
  void kill(const std::string& name);
  /// Kills it, and nobody hears of its end.
  void abandon(const std::string& name);
  /// Replaces the function that hears of its end. Called at once if it has ended before it was adopted.
  void when_ended(const std::string& name, OnEnd on_end);

  /// Takes over a command of a former supervisor. `find_group`: PodCgroup::find_command() of its container.
  /// `needs_record`: as NewCommand has it.
  void adopt(ns::KeptItem item, const std::function<Result<ns::CommandCgroup>(Fd group)>& find_group,
             bool needs_record = true);
  /// Abandons those that are not to go on.
  void abandon_all_but(const std::function<bool(const std::string& name)>& goes_on);
  /// Forgets groups that were removed with that of their container.
  void forget_removed_groups();

  // ---- what the pause says ----
  void on_ended(const ns::EndedCommand& ended);
  /// Whether the refusal was of a command.
  bool on_refused(const ns::Refusal& refusal);

 private:
  struct Command {
    ns::Process monitor;
    Fd lifeline;
    Fd report;
    CommandOutput output;
    std::optional<ns::CommandCgroup> group;
    OnEnd on_end;
    bool needs_record = false;  ///< its end has to be on record
    std::optional<int> status;  ///< it had ended before it was adopted
    std::size_t flooded = 0;    ///< bytes since then
    MonotonicTime flood_began{};
    EventSource watch;          ///< of the output, or the rest after a flood of it
  };
  /// A group in which something still dies.
  struct Remains {
    ns::CommandCgroup group;
    Fd events;
    EventSource watch;
  };

  void read_output(const std::string& name);
  void watch_output(const std::string& name);
  void end(const std::string& name, int status);
  void acknowledge(const std::string& name, bool needs_record);
  void remove_group(ns::CommandCgroup group);

  EventLoop& loop_;
  ns::PauseClient& pause_;
  std::function<bool()> is_on_record_;
  std::vector<std::string> unrecorded_;  ///< hooks whose ends could not be written to the disk
  std::map<std::string, Command> commands_;
  std::list<Remains> remains_;
};

}  // namespace podrun::supervisor

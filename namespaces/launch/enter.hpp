// One more process in a container that runs: exec(1)'s side of namespaces.
//
//   podrun exec ──clone──▶ intermediate ──exec──▶ podrun-entry: the monitor ──▶ the command
//   the client             namespaces/launch/intermediate.hpp            namespaces/entry/entry_protocol.hpp
//
// The kernel ends a PID namespace only when each of its processes has been reaped. A client may be stopped (Ctrl-Z) for
// as long as its user likes; so the command's parent is a monitor that does nothing else, and a container's end never
// waits for people. The monitor is in no PID namespace of a container, and has no right but to signal. No supervisor is
// needed, and none is told.
#pragma once

#include <array>
#include <optional>

#include "namespaces/child/child.hpp"
#include "namespaces/entry/entry_protocol.hpp"
#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"
#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// What an entering plan needs from its container.
struct EnterSite {
  int container;             ///< pod::enter_slot::container
  int aux_fd;                ///< pod::enter_slot::aux_fd
  int cgroup;                ///< the container's group
  unsigned last_capability;  ///< HostFacts::last_capability
  int entry_program;         ///< podrun-entry, open_program()
  int empty_root;            ///< an empty directory that nobody writes to: the monitor's root
  int cells = -1;            ///< the pod's /c beneath its cover, if the plan has something from there
  std::array<int, 3> standard = {0, 1, 2};  ///< become the command's 0, 1 and 2, unless it has a terminal
  int terminal = -1;         ///< the command's end of a pty
  int devpts = -1;           ///< where that is, if the plan mounts it
};

/// The command as its client knows it. Destroying it is what a killed client does: the command is killed, or, if it has
/// a terminal, left to what the hang-up of that does to it.
struct EnteredCommand {
  Process monitor;  ///< a child of the client; its exit status is the command's own, 128+N for signal N
  Fd lifeline;      ///< to the monitor
  Fd report;        ///< of the steps
};

/// Starts the command of an entering plan. An error names the host step.
Result<EnteredCommand> enter(const pod::ContainerPlan& plan, const EnterSite& site);

/// Has the monitor send the command a signal. One that has ended is no error.
void forward_signal(const EnteredCommand& entered, int signal);

/// StepFailure::step of a command that was not even cloned.
using entry::not_cloned;

/// What kept the command from its exec, if anything did; to be asked when the monitor has ended.
std::optional<StepFailure> failed_step(const EnteredCommand& entered);

/// Whether such an errno is that of a container whose first process is dead: nobody can come in any more.
bool is_of_ending_container(int error);

}  // namespace podrun::ns

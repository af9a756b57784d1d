// Starts one more process in a running container: the part of exec, of probes and of hooks that deals with namespaces.
//
//   podrun exec ──clone──▶ intermediate ──exec──▶ podrun-entry: the monitor ──▶ the command
//   the client             namespaces/launch/intermediate.hpp            namespaces/entry/entry_protocol.hpp
//
// The kernel ends a PID namespace only when each of its processes has been reaped, and a client may be stopped (Ctrl-Z)
// for as long as its user likes. So the command's parent is a monitor that does nothing else, and the end of a
// container never waits for a user. The monitor is in no PID namespace of a container, and its only capability is to
// send signals. This needs no supervisor, and no supervisor is told.
//
// The command has a control group of its own. When it has ended, the monitor kills what is left in the group, and the
// client removes the group. If the client was killed, the next client removes it, or the end of the container.
//
// For probes and hooks the client is the supervisor. Their monitor is a child of the pause, which is told of its end
// whoever supervises then, and the command waits until the pause has registered the monitor.
#pragma once

#include <array>
#include <optional>

#include "namespaces/child/child.hpp"
#include "namespaces/entry/entry_protocol.hpp"
#include "namespaces/kernel/cgroup.hpp"
#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"
#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// What the plan for an entering command needs from its container.
struct EnterSite {
  int container;             ///< pod::enter_slot::container
  int aux_fd;                ///< pod::enter_slot::aux_fd
  int helpers;               ///< the control group of podrun's own processes in the pod
  const CommandCgroup& group;  ///< the command's own
  unsigned last_capability;  ///< HostFacts::last_capability
  int entry_program;         ///< podrun-entry, open_program()
  int empty_root;            ///< an empty directory that is never written to: the monitor's root
  int cells = -1;            ///< the pod's /c beneath its cover, if the plan takes something from there
  std::array<int, 3> standard = {0, 1, 2};  ///< become the command's 0, 1 and 2, unless it has a terminal
  int terminal = -1;         ///< the command's end of a pty
  int devpts = -1;           ///< the devpts that it is in, if the plan mounts one
};

/// The command as its client knows it. Destroying this object has the effect of the client's death: the command is
/// killed, or, if it has a terminal, hung up by the end of that terminal.
struct EnteredCommand {
  Process monitor;  ///< its exit status is the command's own, 128+N for signal N
  Fd lifeline;      ///< the client's end of the socket to the monitor
  Fd report;        ///< the socket on which a failed step is reported
};

/// Starts the command. An error names the host step.
Result<EnteredCommand> enter(const pod::ContainerPlan& plan, const EnterSite& site);

/// Starts a command that is to be registered with the pause, whose child the caller is. The monitor is a child of the
/// pause, too. The command runs when a byte comes through the lifeline, which is the gate of its Registration; it never
/// runs if all copies of the lifeline are closed before.
Result<EnteredCommand> enter_to_register(const pod::ContainerPlan& plan, const EnterSite& site);

/// Has the monitor send the command a signal. It is no error if the command has ended.
void forward_signal(const EnteredCommand& entered, int signal);

/// StepFailure::step of a command that was not cloned.
using entry::not_cloned;

/// The step that failed before the command's exec, if any did. To be called after the monitor has ended.
std::optional<StepFailure> failed_step(const EnteredCommand& entered);

/// Whether an errno means that the container's first process is dead, so that no process can enter any more.
bool is_of_ending_container(int error);

}  // namespace podrun::ns

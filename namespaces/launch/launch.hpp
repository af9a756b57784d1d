// The parent's half of a container's start: the host steps, then clone3(2) of the child that walks the rest.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "namespaces/child/child.hpp"
#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"
#include "namespaces/launch/make_namespace.hpp"
#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// A container's overlay, made before its launch: of that instance.
struct EarlyRoot {
  int instance = 0;
  Result<Fd> root;
};

/// Makes it, for a container whose root is an overlay: it needs nothing of the pod's, so that it can be made while the
/// sandbox is. An error is told by the launch.
std::optional<EarlyRoot> make_root_early(const pod::ContainerPlan& plan, int instance);

/// What a launch needs from the pod.
struct LaunchSite {
  int pause;                 ///< pidfd of the pause
  int cells;                 ///< the pod's /c, O_PATH
  int cgroup;                ///< the container's group
  unsigned last_capability;  ///< HostFacts::last_capability
  HeldNamespaces* held;      ///< those that containers share beside the pod's
  /// The process of another container of the pod, or of its init (""). An error if it does not run.
  std::function<Result<Process>(const std::string& container)> process_of;
  int entry_program = -1;  ///< podrun-entry, open_program(), for a container that joins a PID namespace
  std::optional<EarlyRoot>* early_root = nullptr;  ///< taken, if it is there
};

/// When a launch did what: CLOCK_BOOTTIME in nanoseconds.
struct LaunchTimes {
  std::int64_t begin = 0;
  std::vector<std::int64_t> host;  ///< each host step was done
  std::int64_t cloned = 0;
  SharedTimestamps child;                     ///< ChildContext::timestamps
};

/// A child at its gate: nothing of the container's has run yet.
struct Launched {
  Process process;
  Fd report;  ///< end of file: the exec succeeded; a StepFailure: a step failed. SOCK_SEQPACKET, peek it
  Fd gate;    ///< write one byte when the pause has registered the child; closed unwritten, the child gives up
  Fd input;   ///< of one with a stdin: the write end of its pipe, O_NONBLOCK; with a terminal: that one's own end
  Fd master;  ///< of one with a terminal: the other end, O_NONBLOCK; nothing comes out of the log pipes
};

/// Starts instance `instance`. `out` and `err` are the write ends of its log pipes. An error names the host step. The
/// child goes on writing into `times` after the return, until its exec.
Result<Launched> launch(const pod::ContainerPlan& plan, int instance, const LaunchSite& site, Fd out, Fd err,
                        LaunchTimes& times);

/// Opens the gate, and lets the child go first where it waits for our CPU.
Result<> open_gate(const Fd& gate);

/// What a report socket says at this moment.
struct ExecOutcome {
  enum class Kind {
    Pending,
    Succeeded,
    Failed,
    Killed,  ///< the process ended on its way: it closed the socket, and has executed nothing
  } kind = Kind::Pending;
  StepFailure report{};  ///< of a failure
};

/// Peeks at the report socket of the child `pid`: a later supervisor must be able to read the same again.
ExecOutcome peek_report(int report, pid_t pid);

}  // namespace podrun::ns

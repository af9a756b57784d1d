// The parent's part of a container's start: the host steps, then clone3(2) of the child that performs the others.
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

/// The overlay of a container's instance, made before its launch.
struct EarlyRoot {
  int instance = 0;
  Result<Fd> root;
};

/// Makes the overlay of a container whose root is one. It needs nothing of the pod, so it can be made while the sandbox
/// is made. The launch reports an error.
std::optional<EarlyRoot> make_root_early(const pod::ContainerPlan& plan, int instance);

/// What a launch needs from the pod.
struct LaunchSite {
  int pause;                 ///< pidfd of the pause
  int cells;                 ///< the pod's /c, O_PATH
  int cgroup;                ///< the container's group
  unsigned last_capability;  ///< HostFacts::last_capability
  HeldNamespaces* held;      ///< namespaces that containers share, other than the pod's
  /// The process of another container of the pod, or of the pod's init (""). Error: it does not run.
  std::function<Result<Process>(const std::string& container)> process_of;
  int entry_program = -1;  ///< podrun-entry, open_program(), for a container that joins a PID namespace
  std::optional<EarlyRoot>* early_root = nullptr;  ///< if there is one, the launch takes it
};

/// The times of a launch: CLOCK_BOOTTIME in nanoseconds.
struct LaunchTimes {
  std::int64_t begin = 0;
  std::vector<std::int64_t> host;  ///< the end of each host step
  std::int64_t cloned = 0;
  SharedTimestamps child;                     ///< ChildContext::timestamps
};

/// A child that waits at its gate: no program of the container has run yet.
struct Launched {
  Process process;
  Fd report;  ///< SOCK_SEQPACKET, only peeked. End of file: the exec succeeded; a StepFailure: a step failed
  Fd gate;    ///< for Registration: the pause opens it when it has registered the child; closed, the child gives up
  Fd input;   ///< with stdin: the write end of its pipe, O_NONBLOCK; with a terminal: its own end of that
  Fd master;  ///< with a terminal: the other end, O_NONBLOCK; the log pipes stay empty
};

/// Starts instance `instance`. `out` and `err` are the write ends of its log pipes. An error names the host step. The
/// child writes to `times` after the return, until its exec.
Result<Launched> launch(const pod::ContainerPlan& plan, int instance, const LaunchSite& site, Fd out, Fd err,
                        LaunchTimes& times);

/// What the report socket says now.
struct ExecOutcome {
  enum class Kind {
    Pending,
    Succeeded,
    Failed,
    Killed,  ///< the process ended before its exec: the socket is closed, and it has executed nothing
  } kind = Kind::Pending;
  StepFailure report{};  ///< set if Failed
};

/// Peeks at the report socket of the child `pid`, so that a later supervisor can read the same again.
ExecOutcome peek_report(int report, pid_t pid);

}  // namespace podrun::ns

// Makes the command of an exec probe or an exec hook: a process with the container's own identity, in a control group of
// its own.
#pragma once

#include <string>
#include <vector>

#include "namespaces/kernel/cgroup.hpp"
#include "namespaces/kernel/process.hpp"
#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"
#include "supervisor/health/registered_commands.hpp"

namespace podrun::supervisor {

/// What all commands of a pod need.
struct CommandSite {
  const ns::PodCgroup& cgroup;
  int entry_program;         ///< podrun-entry, open_program()
  int empty_root;            ///< EnterSite::empty_root
  unsigned last_capability;  ///< HostFacts::last_capability
};

/// A container's instance, as commands enter it.
struct CommandTarget {
  const pod::ContainerPlan& plan;  ///< the container's
  int process;                     ///< pidfd of its first process
  int root;                        ///< the root of that process, O_PATH
  int instance;
};

/// The verified plan of a command in a container: compile_enter() with every kind of namespace.
Result<pod::ContainerPlan> plan_of_command(const pod::ContainerPlan& container, std::vector<std::string> argv);

/// Makes the command called `name` of a plan of plan_of_command(). Its stdin is /dev/null; stdout and stderr are one
/// pipe.
Result<NewCommand> make_command(const pod::ContainerPlan& plan, const CommandTarget& target, const CommandSite& site,
                                std::string name);

/// Opens the root of a container's first process, O_PATH.
Result<Fd> open_root_of(const ns::Process& process);

/// The empty directory that covers the pod's cells, for CommandSite::empty_root. No container can write to it.
Result<Fd> open_empty_root(pid_t pause);

}  // namespace podrun::supervisor

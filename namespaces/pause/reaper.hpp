// The pause's children: containers, supervisors, and unregistered ones. No heap.
#pragma once

#include <signal.h>
#include <sys/types.h>

#include "namespaces/pause/registry.hpp"

namespace podrun::pause {

/// The wait(2) status in what waitid(2) says of an ended child.
int wait_status(const siginfo_t& end);

/// Makes this process the parent of orphans of its descendants, unless they have an init of their own:
/// PR_SET_CHILD_SUBREAPER.
void adopt_orphans();

/// Reaps one child, if it has ended.
void reap(pid_t pid);

/// Reaps a command that has ended, and returns how it ended: Ended.
int64_t reap_command(pid_t pid);

/// A child that has ended, is not registered, and is not the supervisor; 0: none is visible. A zombie that is kept
/// hides those after it, so this must be called again when that one has been reaped.
pid_t ended_unregistered_child(Registry& kept, pid_t supervisor);

/// Kills the pod's init, given by its pidfd, and returns when it has ended.
void end_init(int init);

}  // namespace podrun::pause

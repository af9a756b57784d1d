// The pause's children: containers, supervisors, and those that came to it without being registered. No heap.
#pragma once

#include <sys/types.h>

#include "namespaces/pause/registry.hpp"

namespace podrun::pause {

/// From now on orphans of our descendants become our children, unless they have an init of their own:
/// PR_SET_CHILD_SUBREAPER.
void adopt_orphans();

/// Reaps one child, if it has ended.
void reap(pid_t pid);

/// A child that has ended and is not registered, other than the supervisor; 0: none is to be seen. A zombie that is
/// kept hides those behind it, so this is to be asked again when that has been reaped.
pid_t ended_unregistered_child(Registry& kept, pid_t supervisor);

/// Kills the pod's init, given by its pidfd, and returns when it has ended.
void end_init(int init);

}  // namespace podrun::pause

// The pod's init: the second role of the pause's program. No heap.
#pragma once

namespace podrun::pause {

/// Makes the init: a child of the pause, in new namespaces of the kinds in `flags` (CLONE_NEWPID, CLONE_NEWTIME,
/// CLONE_NEWCGROUP), born into the group _helpers below the pod's control group `cgroup`, which roots a new cgroup
/// namespace. Returns its pidfd, or -1 with errno. Containers see its command line, so it keeps only the first two words
/// of that of the pause, which begins at `argv`.
int start_init(int flags, int cgroup, char** argv);

}  // namespace podrun::pause

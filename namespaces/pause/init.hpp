// The pod's init: the pause binary's second role. No heap.
#pragma once

namespace podrun::pause {

/// Makes it: a child of the pause, in new namespaces of the kinds in `flags` (CLONE_NEWPID, CLONE_NEWTIME,
/// CLONE_NEWCGROUP), born into the control group `cgroup`. Returns its pidfd, or -1 with errno. Containers see its
/// command line: of the pause's own, which begins at `argv`, it keeps the first two words.
int start_init(int flags, int cgroup, char** argv);

}  // namespace podrun::pause

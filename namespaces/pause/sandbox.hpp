// The sandbox steps, as the pause does them in itself.
#pragma once

#include "namespaces/pause/protocol.hpp"

namespace podrun::pause {

/// Does one step; returns 0 or an errno. Root sets `*made` to the descriptor of /c beneath its cover, Init, which wants the
/// pod's control group and our command line, to the init's pidfd.
int do_sandbox_step(const Message& step, int cgroup, char** argv, int* made);

}  // namespace podrun::pause

// The sandbox steps, as the pause does them in itself.
#pragma once

#include "namespaces/pause/protocol.hpp"

namespace podrun::pause {

/// Does one step; returns 0 or an errno. Root sets `*cells` to the descriptor of /c beneath its cover.
int do_sandbox_step(const Message& step, int* cells);

}  // namespace podrun::pause

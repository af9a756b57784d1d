// `podrun -d` in the process that the caller waits for: it stays as small as the front, while a child of it executes the
// large program. libc alone, no heap.
#pragma once

#include <sys/types.h>

namespace podrun {

/// Whether the words ask for a detached start, as far as that can be told without reading all options: the large program
/// forks by itself if this says no although they do. It never says yes to a command that uses a terminal.
bool asks_to_detach(char** argv);

/// Waits for the result of the start that `child` performs. `result` is the read end of the pipe of which the child has
/// the other one: the pod's id and a newline, the exit status as one byte, and lines for stderr. Prints the pod's name
/// and the lines, and returns the exit status. If the pipe ends empty, that of the child, which has said itself why.
int wait_for_start(int result, pid_t child);

}  // namespace podrun

// fork(2) for a process that is about to execute another program.
#pragma once

#include <sys/types.h>

#include "pod/text/result.hpp"

namespace podrun::ns {

/// Makes a child that goes on from here while the parent executes something else: since the parent needs its memory no
/// more, the child has it as it is (CLONE_VM). Nothing is copied, and nothing has to be faulted in again; of a large
/// process that is most of what fork(2) costs.
///
/// Returns in the child, which shares no descriptors with its parent. `parent` runs in the parent, at the same time and
/// in the same memory, on a stack of its own: it must not return, nor touch the heap, nor anything else that the child
/// could change. May be used once in a process's life. Errors: clone(2).
Result<> fork_and_exec_parent(void (*parent)(void* argument, pid_t child), void* argument);

}  // namespace podrun::ns

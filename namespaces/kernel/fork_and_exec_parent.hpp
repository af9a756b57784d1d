// fork(2) for a process that is about to execute another program.
#pragma once

#include <sys/types.h>

#include "pod/text/result.hpp"

namespace podrun::ns {

/// Makes a child that continues from here while the parent executes another program. The parent does not need its
/// memory any more, so the child uses that memory (CLONE_VM): nothing is copied, and no page has to be faulted in
/// again. For a large process these are most of the cost of fork(2).
///
/// Returns in the child, which shares no descriptors with its parent. `parent` runs in the parent, at the same time and
/// in the same memory, on a stack of its own: it must not return, use the heap, or touch anything else that the child
/// could change. May be used once in the life of a process. Errors: clone(2).
Result<> fork_and_exec_parent(void (*parent)(void* argument, pid_t child), void* argument);

}  // namespace podrun::ns

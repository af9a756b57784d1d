// fork(2) for a process that is about to execute another program.
//
//   fork_and_exec_parent() ── swapcontext ──▶ run_parent(), on a second stack: clone ──▶ the parent continues here and
//        ▲                                                     │                          never returns
//        │                                                     └─▶ resume_child(), on a third stack
//        └──────────────────────── setcontext ──────────────────────┘
//
// So the first stack, with every frame that waits on it, is used by the child alone.
#include "namespaces/kernel/fork_and_exec_parent.hpp"

#include <sched.h>
#include <signal.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>

namespace podrun::ns {
namespace {

struct ForkState {
  ucontext_t child_context;
  void (*parent)(void* argument, pid_t child) = nullptr;
  void* argument = nullptr;
  int error = 0;
};

ForkState fork_state;
alignas(16) std::array<std::byte, 64 * 1024> parent_stack;
alignas(16) std::array<std::byte, 16 * 1024> child_first_stack;

int resume_child(void*) {
  ::setcontext(&fork_state.child_context);
  ::_exit(70);
}

void run_parent() {
  const pid_t child =
      ::clone(resume_child, child_first_stack.data() + child_first_stack.size(), CLONE_VM | SIGCHLD, nullptr);
  if (child > 0) {
    // At an exec the kernel writes a zero to the place that set_tid_address(2) registered if others share the memory,
    // as for a thread. But to libc that same place says which thread the child is, as the owner of its locks.
    ::syscall(SYS_set_tid_address, nullptr);
    fork_state.parent(fork_state.argument, child);
    ::_exit(70);
  }
  fork_state.error = errno;
  ::setcontext(&fork_state.child_context);
}

}  // namespace

Result<> fork_and_exec_parent(void (*parent)(void* argument, pid_t child), void* argument) {
  fork_state.parent = parent;
  fork_state.argument = argument;
  ucontext_t parent_context;
  ::getcontext(&parent_context);
  parent_context.uc_stack.ss_sp = parent_stack.data();
  parent_context.uc_stack.ss_size = parent_stack.size();
  parent_context.uc_link = nullptr;
  ::makecontext(&parent_context, run_parent, 0);
  ::swapcontext(&fork_state.child_context, &parent_context);
  if (fork_state.error != 0) return fail_system("clone", fork_state.error);
  return {};
}

}  // namespace podrun::ns

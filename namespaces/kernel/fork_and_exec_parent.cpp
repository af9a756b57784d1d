// fork(2) for a process that is about to execute another program.
//
//   bequeath() ── swapcontext ──▶ part(), on a second stack: clone ──▶ the parent goes on here, and never returns
//        ▲                                                     └─────▶ wake_heir(), on a third one
//        └──────────────────────── setcontext ─────────────────────────────┘
//
// So the first stack, with everything that waits on it, is the child's alone.
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

struct Will {
  ucontext_t heir;
  void (*parent)(void* argument, pid_t child) = nullptr;
  void* argument = nullptr;
  int error = 0;
};

Will will;
alignas(16) std::array<std::byte, 64 * 1024> parents_stack;
alignas(16) std::array<std::byte, 16 * 1024> heirs_first_stack;

int wake_heir(void*) {
  ::setcontext(&will.heir);
  ::_exit(70);
}

void part() {
  const pid_t child = ::clone(wake_heir, heirs_first_stack.data() + heirs_first_stack.size(), CLONE_VM | SIGCHLD, nullptr);
  if (child > 0) {
    // As the exec of a thread among others, ours would be told by a zero for our id in the memory (set_tid_address(2)); but
    // libc knows the heir by that same place, as the owner of its locks.
    ::syscall(SYS_set_tid_address, nullptr);
    will.parent(will.argument, child);
    ::_exit(70);
  }
  will.error = errno;
  ::setcontext(&will.heir);
}

}  // namespace

Result<> bequeath(void (*parent)(void* argument, pid_t child), void* argument) {
  will.parent = parent;
  will.argument = argument;
  ucontext_t parting;
  ::getcontext(&parting);
  parting.uc_stack.ss_sp = parents_stack.data();
  parting.uc_stack.ss_size = parents_stack.size();
  parting.uc_link = nullptr;
  ::makecontext(&parting, part, 0);
  ::swapcontext(&will.heir, &parting);
  if (will.error != 0) return fail_system("clone", will.error);
  return {};
}

}  // namespace podrun::ns

// clone3(2) for a child that uses the memory of its parent, as with vfork(2). libc alone, no heap.
#pragma once

#include <linux/sched.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace podrun::helper {

/// clone3(2) with a stack of the child's own, on which it calls `work(argument)`, which must not return. So with
/// CLONE_VM no stack frame of the caller is returned from twice. Returns the child's pid, or a negative errno.
inline pid_t clone3_onto(clone_args& arguments, void (*work)(void*) noexcept, void* argument) noexcept {
#if defined(__x86_64__)
  long result = SYS_clone3;
  register void (*called)(void*) noexcept asm("r12") = work;
  register void* given asm("r13") = argument;
  asm volatile(
      "syscall\n\t"
      "test %%rax, %%rax\n\t"
      "jnz 1f\n\t"
      "xor %%ebp, %%ebp\n\t"
      "and $-16, %%rsp\n\t"
      "mov %%r13, %%rdi\n\t"
      "call *%%r12\n\t"
      "hlt\n"
      "1:"
      : "+a"(result)
      : "D"(&arguments), "S"(sizeof arguments), "r"(called), "r"(given)
      : "rcx", "r11", "memory");
  return static_cast<pid_t>(result);
#elif defined(__aarch64__)
  register long result asm("x0") = reinterpret_cast<long>(&arguments);
  register long size asm("x1") = sizeof arguments;
  register long number asm("x8") = SYS_clone3;
  register void (*called)(void*) noexcept asm("x19") = work;
  register void* given asm("x20") = argument;
  asm volatile(
      "svc #0\n\t"
      "cbnz x0, 1f\n\t"
      "mov x29, xzr\n\t"
      "mov x0, x20\n\t"
      "blr x19\n\t"
      "brk #0\n"
      "1:"
      : "+r"(result)
      : "r"(size), "r"(number), "r"(called), "r"(given)
      : "memory");
  return static_cast<pid_t>(result);
#endif
}

}  // namespace podrun::helper

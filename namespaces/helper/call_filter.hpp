// Filters of system calls for helper programs that need calls with conditions on their arguments, seccomp(2). libc
// alone, no heap.
#pragma once

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>

#include "namespaces/helper/helper_rights.hpp"

namespace podrun::helper {

/// `argument & mask` is one of `values`. The low half of the argument counts: the kernel takes an int of each.
struct Condition {
  static constexpr size_t most_values = 6;

  constexpr Condition() : argument(0), mask(0), values{} {}
  template <typename... Values>
  constexpr Condition(unsigned number, uint32_t bits, uint32_t first, Values... others)
      : argument(number), mask(bits), values{first, static_cast<uint32_t>(others)...} {
    for (size_t i = 1 + sizeof...(others); i < most_values; ++i) values[i] = first;
  }

  unsigned argument;
  uint32_t mask;  ///< with the value 0: no condition
  uint32_t values[most_values];
};

/// A call that is allowed if all its conditions hold. A call has one rule.
struct CallRule {
  constexpr CallRule(long number, Condition one, Condition two = {}, Condition three = {})
      : call(number), conditions{one, two, three} {}

  long call;
  Condition conditions[3];
};

inline constexpr size_t condition_length = 3 + Condition::most_values;
inline constexpr size_t rule_length = 2 + 3 * condition_length;

/// A filter of that many calls without a condition, and rules.
template <size_t Calls, size_t Rules>
struct CallFilter {
  sock_filter instructions[5 + 2 * Calls + rule_length * Rules];
};

/// Makes the filter. A call that is not allowed fails with EPERM; one of another architecture ends the process.
template <size_t Calls, size_t Rules>
constexpr CallFilter<Calls, Rules> allow_calls(const long (&calls)[Calls], const CallRule (&rules)[Rules]) {
  CallFilter<Calls, Rules> filter{};
  size_t at = 0;
  const auto add = [&](sock_filter instruction) { filter.instructions[at++] = instruction; };
  add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)));
  add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, native_architecture, 1, 0));
  add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS));
  add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)));
  for (const long call : calls) {
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(call), 0, 1));
    add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  for (const CallRule& rule : rules) {
    add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<uint32_t>(rule.call), 0, rule_length - 1));
    for (const Condition& condition : rule.conditions) {
      const auto place = static_cast<uint32_t>(offsetof(seccomp_data, args) + 8 * condition.argument);
      add(BPF_STMT(BPF_LD | BPF_W | BPF_ABS, place));
      add(BPF_STMT(BPF_ALU | BPF_AND | BPF_K, condition.mask));
      for (unsigned char left = Condition::most_values; left > 0; --left)
        add(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, condition.values[Condition::most_values - left], left, 0));
      add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
    }
    add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW));
  }
  add(BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM));
  return filter;
}

}  // namespace podrun::helper

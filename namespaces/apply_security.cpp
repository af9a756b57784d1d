// Child steps: what the process may do. A security step that fails is fatal.
#include <grp.h>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <iterator>

#include "namespaces/apply.hpp"

namespace podrun::ns {
namespace {

/// The numbers of add_key, request_key and keyctl, which follow each other, for one kind of programs.
struct KeyCalls {
  std::uint32_t architecture;
  std::uint32_t first, last;
};
#if defined(__x86_64__)
constexpr KeyCalls native_keys{AUDIT_ARCH_X86_64, 248, 250}, compatible_keys{AUDIT_ARCH_I386, 286, 288};
#elif defined(__aarch64__)
constexpr KeyCalls native_keys{AUDIT_ARCH_AARCH64, 217, 219}, compatible_keys{AUDIT_ARCH_ARM, 309, 311};
#endif
static_assert(native_keys.first == SYS_add_key && native_keys.last == SYS_keyctl);
constexpr std::uint32_t x32_bit = 0x40000000;  // in the numbers of another kind, of the x86_64 architecture

}  // namespace

int apply(const pod::step::BoundCapabilities& step, const ChildContext& context) noexcept {
  for (unsigned capability = 0; capability <= context.last_capability; ++capability)
    if (!(step.keep >> capability & 1) && ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0) return errno;
  return ::prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0) < 0 ? errno : 0;
}

int apply(const pod::step::RefuseCalls&, const ChildContext&) noexcept {
  constexpr std::uint32_t refuse = SECCOMP_RET_ERRNO | EPERM;
  // clang-format off
  sock_filter instructions[] = {
      /*  0 */ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      /*  1 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, native_keys.architecture, 0, 4),
      /*  2 */ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      /*  3 */ BPF_STMT(BPF_ALU | BPF_AND | BPF_K, ~x32_bit),
      /*  4 */ BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, native_keys.first, 0, 6),
      /*  5 */ BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, native_keys.last, 5, 7),
      /*  6 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, compatible_keys.architecture, 0, 3),
      /*  7 */ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      /*  8 */ BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, compatible_keys.first, 0, 2),
      /*  9 */ BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, compatible_keys.last, 1, 3),
      /* 10 */ BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      /* 11 */ BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_pidfd_getfd, 1, 0),  // the same number everywhere
      /* 12 */ BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
      /* 13 */ BPF_STMT(BPF_RET | BPF_K, refuse),
  };
  // clang-format on
  const sock_fprog filter{.len = std::size(instructions), .filter = instructions};
  return ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0 ? errno : 0;
}

int apply(const pod::step::SetIds& step, const ChildContext&) noexcept {
  // The raw calls: glibc's wrappers would look for other threads to change as well.
  if (::syscall(SYS_setgroups, step.groups.size(), step.groups.data()) < 0) return errno;
  if (::syscall(SYS_setresgid, step.gid, step.gid, step.gid) < 0) return errno;
  return ::syscall(SYS_setresuid, step.uid, step.uid, step.uid) < 0 ? errno : 0;
}

int apply(const pod::step::NoNewPrivileges&, const ChildContext&) noexcept {
  return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ? errno : 0;
}

int apply(const pod::step::SetCapabilities& step, const ChildContext&) noexcept {
  const auto low = static_cast<std::uint32_t>(step.keep), high = static_cast<std::uint32_t>(step.keep >> 32);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  const __user_cap_data_struct data[2] = {{low, low, 0}, {high, high, 0}};
  return ::syscall(SYS_capset, &header, data) < 0 ? errno : 0;
}

int apply(const pod::step::ParentDeathSignal&, const ChildContext&) noexcept {
  return ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 ? errno : 0;
}

}  // namespace podrun::ns

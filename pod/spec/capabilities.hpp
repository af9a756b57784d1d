// Sets of capabilities(7) and their names.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "pod/spec/spec_security.hpp"

namespace podrun::pod {

/// Names without "CAP_", as in Kubernetes, indexed by the kernel's number.
// clang-format off
inline constexpr std::array<std::string_view, 41> capability_names_by_number{
    "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
    "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
    "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
    "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL",
    "SETFCAP", "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ",
    "PERFMON", "BPF", "CHECKPOINT_RESTORE"};
// clang-format on

/// The set of the one capability of that name. An unknown name is the empty set.
constexpr std::uint64_t capability_bit(std::string_view name) {
  for (std::size_t number = 0; number < capability_names_by_number.size(); ++number)
    if (capability_names_by_number[number] == name) return std::uint64_t{1} << number;
  return 0;
}

/// TEXT in upper case, without "CAP_" before it.
std::string canonical_case(std::string_view text);
/// The name of a capability as podrun stores it, "NET_ADMIN" or "ALL": TEXT in any case, a single capability also with
/// "CAP_" before it. Empty if there is no such capability.
std::string canonical_capability(std::string_view text);

/// Every capability in the table.
inline constexpr std::uint64_t all_capabilities = (std::uint64_t{1} << capability_names_by_number.size()) - 1;

/// The default capabilities of a container: the fourteen of Kubernetes without SYS_CHROOT and MKNOD, capabilities(7).
inline constexpr std::uint64_t default_capabilities =
    1ULL << 0 /*CHOWN*/ | 1ULL << 1 /*DAC_OVERRIDE*/ | 1ULL << 3 /*FOWNER*/ | 1ULL << 4 /*FSETID*/ |
    1ULL << 5 /*KILL*/ | 1ULL << 6 /*SETGID*/ | 1ULL << 7 /*SETUID*/ | 1ULL << 8 /*SETPCAP*/ |
    1ULL << 10 /*NET_BIND_SERVICE*/ | 1ULL << 13 /*NET_RAW*/ | 1ULL << 29 /*AUDIT_WRITE*/ | 1ULL << 31 /*SETFCAP*/;

/// The capabilities of a container: the default ones with `drop` and `add` applied in containerd's order (ALL first,
/// then single names); all capabilities if it is privileged.
std::uint64_t capabilities_of(const SecurityContext& security);

/// The names of a set. A capability that the table does not have is "CAP_<number>".
std::vector<std::string> capability_names(std::uint64_t set);

}  // namespace podrun::pod

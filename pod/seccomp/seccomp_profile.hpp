// What a seccomp profile says: which system calls a container may make.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pod/text/result.hpp"

namespace podrun::pod {

/// What becomes of a system call, seccomp(2).
enum class SeccompAction { Allow, Errno, KillProcess, KillThread, Trap, Trace, Log };

/// How an argument of a call is compared, seccomp_rule_add(3).
enum class SeccompComparison { NotEqual, Less, LessOrEqual, Equal, GreaterOrEqual, Greater, MaskedEqual };

/// One condition on an argument.
struct SeccompArgument {
  unsigned index = 0;  ///< 0 to 5
  SeccompComparison comparison = SeccompComparison::Equal;
  std::uint64_t value = 0;      ///< for MaskedEqual the mask
  std::uint64_t value_two = 0;  ///< for MaskedEqual what the masked argument must be

  bool operator==(const SeccompArgument&) const = default;
};

/// What becomes of some calls, if all conditions hold; conditions on one and the same argument: if any holds.
struct SeccompRule {
  std::vector<std::string> names;
  SeccompAction action = SeccompAction::Allow;
  unsigned error = 1;  ///< for Errno: EPERM unless the profile says otherwise
  std::vector<SeccompArgument> arguments;
  /// Of one call and the low 32 bits of one argument, for the call itself alone: libseccomp would refuse all of i386's
  /// socketcall(2) for an argument of socket(2), which no filter can see there.
  bool direct = false;

  bool operator==(const SeccompRule&) const = default;
};

/// A profile in the terms of the OCI runtime specification's `linux.seccomp`.
struct SeccompFilter {
  SeccompAction default_action = SeccompAction::Errno;
  unsigned default_error = 1;
  std::vector<std::string> architectures;  ///< "SCMP_ARCH_X86_64"; empty: the machine's own
  std::vector<SeccompRule> rules;

  bool operator==(const SeccompFilter&) const = default;
};

/// What podrun itself refuses a container that is not privileged, whatever its profile. Always: calls that reach beyond
/// all namespaces. pidfd_getfd takes the descriptors, and by them root and memory, of whoever is at the other end of a
/// socket (SO_PEERPIDFD, Linux 6.5); keyctl, add_key and request_key reach the keys of the host's user of the same uid,
/// keyrings(7); sockets of AF_VSOCK reach the hypervisor and each other. The rest depends on how the container is
/// composed.
struct SeccompDenials {
  std::string machine = "x86_64";  ///< uname(2)'s
  bool entering = true;  ///< setns(2): without SYS_ADMIN it could only enter a user namespace, and own all in it
  bool user_namespaces = false;    ///< new ones, which the kernel refuses in a chroot, but not in a root of its own
  bool siblings = false;           ///< CLONE_PARENT, which makes children of ours where the parent is

  bool operator==(const SeccompDenials&) const = default;
};

/// The filter. clone3(2), whose flags lie in memory, does not exist where flags of clone(2) are refused.
SeccompFilter denial_filter(const SeccompDenials& what);

/// "keyctl", "clone(CLONE_PARENT)", ….
std::vector<std::string> words_of(const SeccompDenials& what);

/// What else the kernel of a machine takes calls of: without rules for it, it would be a way around the machine's own.
std::vector<std::string> seccomp_architectures(std::string_view machine);

/// Decodes a profile. Errors name the member that is wrong; what podrun does not know is an error, for it might forbid
/// something.
Result<SeccompFilter> parse_seccomp_profile(std::string_view json);

/// The profile that containerd gives a container with `type: RuntimeDefault` and these capabilities. `machine` is
/// uname(2)'s: "x86_64", "aarch64".
SeccompFilter default_seccomp_profile(std::uint64_t capabilities, std::string_view machine);

/// Profiles of `type: Localhost` by the path that the manifest gives, and their text.
using SeccompTexts = std::map<std::string, std::string, std::less<>>;

}  // namespace podrun::pod

// Seccomp profiles: which system calls a container may make.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pod/text/result.hpp"

namespace podrun::pod {

/// The action on a system call, seccomp(2).
enum class SeccompAction { Allow, Errno, KillProcess, KillThread, Trap, Trace, Log };

/// How an argument of a call is compared, seccomp_rule_add(3).
enum class SeccompComparison { NotEqual, Less, LessOrEqual, Equal, GreaterOrEqual, Greater, MaskedEqual };

/// One condition on an argument.
struct SeccompArgument {
  unsigned index = 0;  ///< 0 to 5
  SeccompComparison comparison = SeccompComparison::Equal;
  std::uint64_t value = 0;      ///< the operand; for MaskedEqual the mask
  std::uint64_t value_two = 0;  ///< for MaskedEqual the required value of the masked argument

  bool operator==(const SeccompArgument&) const = default;
};

/// The action on some system calls if all conditions hold. Of several conditions on the same argument one must hold.
struct SeccompRule {
  std::vector<std::string> names;
  SeccompAction action = SeccompAction::Allow;
  unsigned error = 1;  ///< for Errno: EPERM unless the profile says otherwise
  std::vector<SeccompArgument> arguments;
  /// The rule is about one call and the low 32 bits of one argument, and not about socketcall(2). libseccomp would
  /// apply a rule on an argument of socket(2) to all of i386's socketcall(2), whose arguments a filter cannot see.
  bool direct = false;

  bool operator==(const SeccompRule&) const = default;
};

/// A profile, as `linux.seccomp` of the OCI runtime specification.
struct SeccompFilter {
  SeccompAction default_action = SeccompAction::Errno;
  unsigned default_error = 1;
  std::vector<std::string> architectures;  ///< "SCMP_ARCH_X86_64"; empty: the machine's own
  std::vector<SeccompRule> rules;

  bool operator==(const SeccompFilter&) const = default;
};

/// The system calls that podrun denies to every container that is not privileged, independently of its profile. Calls
/// that namespaces do not confine are always denied: pidfd_getfd copies descriptors of the peer process of a socket
/// (SO_PEERPIDFD, Linux 6.5), and by them gives access to its root and memory; keyctl, add_key and request_key access
/// the keys of the host's user with the same uid, keyrings(7); AF_VSOCK sockets connect to the hypervisor and to each
/// other. The members say what else is denied; they depend on the container's namespaces and capabilities.
struct SeccompDenials {
  std::string machine = "x86_64";  ///< machine of uname(2)
  bool entering = true;  ///< setns(2): without SYS_ADMIN it can only enter a user namespace, and has every right in it
  bool user_namespaces = false;  ///< new user namespaces; the kernel refuses them in a chroot, but not after pivot_root
  bool siblings = false;         ///< CLONE_PARENT, which makes the new process a child of the container's parent

  bool operator==(const SeccompDenials&) const = default;
};

/// The filter for these denials. Where flags of clone(2) are denied, clone3(2) fails with ENOSYS, because its flags are
/// in memory, which a filter cannot see.
SeccompFilter denial_filter(const SeccompDenials& what);

/// The denied calls in words: "keyctl", "clone(CLONE_PARENT)", …
std::vector<std::string> words_of(const SeccompDenials& what);

/// The other architectures whose system calls the kernel of a machine accepts. A filter needs rules for them, because
/// they could be used to bypass the rules for the machine's own.
std::vector<std::string> seccomp_architectures(std::string_view machine);

/// Decodes a profile. An Error names the invalid member. Unknown members are errors, because they might deny something.
Result<SeccompFilter> parse_seccomp_profile(std::string_view json);

/// The profile of containerd for a container with `type: RuntimeDefault` and these capabilities. `machine` is that of
/// uname(2): "x86_64", "aarch64".
SeccompFilter default_seccomp_profile(std::uint64_t capabilities, std::string_view machine);

/// The texts of `type: Localhost` profiles by the path in the manifest.
using SeccompTexts = std::map<std::string, std::string, std::less<>>;

}  // namespace podrun::pod

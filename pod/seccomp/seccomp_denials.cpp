// The system calls that podrun denies independently of a container's profile.
#include <utility>

#include "pod/seccomp/seccomp_profile.hpp"

namespace podrun::pod {
namespace {

constexpr std::uint64_t clone_parent = 0x00008000, clone_newuser = 0x10000000;  // clone(2)
constexpr std::uint64_t af_vsock = 40;                                          // vsock(7)
constexpr unsigned eperm = 1, enosys = 38, eafnosupport = 97;                   // errno(3)

SeccompRule deny(std::vector<std::string> names, unsigned error = eperm, std::vector<SeccompArgument> arguments = {}) {
  return {.names = std::move(names), .action = SeccompAction::Errno, .error = error, .arguments = std::move(arguments)};
}

/// A rule that denies the calls if the first argument has this flag.
SeccompRule deny_flag(std::vector<std::string> names, std::uint64_t flag) {
  using enum SeccompComparison;
  return deny(std::move(names), eperm, {{.index = 0, .comparison = MaskedEqual, .value = flag, .value_two = flag}});
}

}  // namespace

std::vector<std::string> seccomp_architectures(std::string_view machine) {
  if (machine == "x86_64") return {"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"};
  if (machine == "aarch64") return {"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"};
  return {};
}

SeccompFilter denial_filter(const SeccompDenials& what) {
  SeccompRule vsock =
      deny({"socket"}, eafnosupport, {{.index = 0, .comparison = SeccompComparison::Equal, .value = af_vsock}});
  vsock.direct = true;
  SeccompFilter filter{.default_action = SeccompAction::Allow,
                       .architectures = seccomp_architectures(what.machine),
                       .rules = {deny({"pidfd_getfd", "add_key", "request_key", "keyctl"}), std::move(vsock)}};
  auto& rules = filter.rules;
  if (what.entering) rules.push_back(deny({"setns"}));
  if (what.user_namespaces) rules.push_back(deny_flag({"clone", "unshare"}, clone_newuser));
  if (what.siblings) rules.push_back(deny_flag({"clone"}, clone_parent));
  if (what.user_namespaces || what.siblings) rules.push_back(deny({"clone3"}, enosys));
  return filter;
}

std::vector<std::string> words_of(const SeccompDenials& what) {
  std::vector<std::string> words{"pidfd_getfd", "add_key", "request_key", "keyctl", "socket(AF_VSOCK)"};
  const auto add = [&](std::initializer_list<const char*> more) {
    words.insert(words.end(), more.begin(), more.end());
  };
  if (what.entering) add({"setns"});
  if (what.user_namespaces) add({"clone(CLONE_NEWUSER)", "unshare(CLONE_NEWUSER)"});
  if (what.siblings) add({"clone(CLONE_PARENT)"});
  if (what.user_namespaces || what.siblings) add({"clone3"});
  return words;
}

}  // namespace podrun::pod

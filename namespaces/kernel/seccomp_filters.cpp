// The seccomp filters of containers, assembled by libseccomp in the parent; the child only loads them.
#include "namespaces/kernel/seccomp_filters.hpp"

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <unistd.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <cstddef>
#include <deque>
#include <memory>
#include <string>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/files.hpp"

namespace podrun::ns {
namespace {

using pod::SeccompAction;
using pod::SeccompArgument;
using pod::SeccompFilter;
using pod::SeccompRule;
using Instructions = std::vector<sock_filter>;

#if defined(__x86_64__)
constexpr std::uint32_t native = AUDIT_ARCH_X86_64;
constexpr std::uint32_t foreign_numbers = 0x40000000;  // those of x32, which is the same architecture
#elif defined(__aarch64__)
constexpr std::uint32_t native = AUDIT_ARCH_AARCH64;
constexpr std::uint32_t foreign_numbers = 0x80000000;
#endif

/// libseccomp returns negative errnos.
Result<> check_result(int result, std::string_view what) {
  if (result >= 0) return {};
  return fail_system(fmt::format("seccomp filter: {}", what), -result);
}

std::uint32_t action_of(SeccompAction action, unsigned error) {
  switch (action) {
    case SeccompAction::Allow: return SCMP_ACT_ALLOW;
    case SeccompAction::Errno: return SCMP_ACT_ERRNO(error);
    case SeccompAction::KillProcess: return SCMP_ACT_KILL_PROCESS;
    case SeccompAction::KillThread: return SCMP_ACT_KILL_THREAD;
    case SeccompAction::Trap: return SCMP_ACT_TRAP;
    case SeccompAction::Trace: return SCMP_ACT_TRACE(error);
    case SeccompAction::Log: return SCMP_ACT_LOG;
  }
  std::unreachable();
}

scmp_arg_cmp comparison_of(const SeccompArgument& argument) {
  const auto compare = [](pod::SeccompComparison comparison) {
    switch (comparison) {
      case pod::SeccompComparison::NotEqual: return SCMP_CMP_NE;
      case pod::SeccompComparison::Less: return SCMP_CMP_LT;
      case pod::SeccompComparison::LessOrEqual: return SCMP_CMP_LE;
      case pod::SeccompComparison::Equal: return SCMP_CMP_EQ;
      case pod::SeccompComparison::GreaterOrEqual: return SCMP_CMP_GE;
      case pod::SeccompComparison::Greater: return SCMP_CMP_GT;
      case pod::SeccompComparison::MaskedEqual: return SCMP_CMP_MASKED_EQ;
    }
    std::unreachable();
  };
  return {argument.index, compare(argument.comparison), argument.value, argument.value_two};
}

/// Groups of conditions that must hold together. Several conditions on one argument are alternatives, as in OCI
/// runtimes.
std::vector<std::vector<scmp_arg_cmp>> alternatives(const std::vector<SeccompArgument>& arguments) {
  std::vector<scmp_arg_cmp> all;
  for (const SeccompArgument& argument : arguments) all.push_back(comparison_of(argument));
  const auto same = [&](const scmp_arg_cmp& one) { return std::ranges::count(all, one.arg, &scmp_arg_cmp::arg) > 1; };
  if (!std::ranges::any_of(all, same)) return {all};
  std::vector<std::vector<scmp_arg_cmp>> each;
  for (const scmp_arg_cmp& one : all) each.push_back({one});
  return each;
}

/// The native number of a system call; negative if this architecture has none or libseccomp does not know it.
int number_of(const std::string& name) { return seccomp_syscall_resolve_name(name.c_str()); }

/// libseccomp's value for "SCMP_ARCH_X86"; 0 if there is none.
std::uint32_t architecture_called(const std::string& name) {
  std::string lower = name.starts_with("SCMP_ARCH_") ? name.substr(10) : name;
  std::ranges::transform(lower, lower.begin(), [](unsigned char c) { return std::tolower(c); });
  return seccomp_arch_resolve_name(lower.c_str());
}

Result<> add_architectures(scmp_filter_ctx filter, const SeccompFilter& profile) {
  for (const std::string& name : profile.architectures) {
    const std::uint32_t architecture = architecture_called(name);
    if (architecture == 0) return fail(fmt::format("seccomp filter: there is no architecture {}", name), EINVAL);
    if (const int added = seccomp_arch_add(filter, architecture); added != -EEXIST) TRY_VOID(check_result(added, name));
  }
  return {};
}

Result<> add_rule(scmp_filter_ctx filter, const SeccompRule& rule, std::uint32_t action) {
  for (const std::string& name : rule.names) {
    const int number = number_of(name);
    if (number == __NR_SCMP_ERROR) continue;  // newer than libseccomp: the default action applies
    for (const auto& conditions : alternatives(rule.arguments))
      TRY_VOID(check_result(
          seccomp_rule_add_array(filter, action, number, static_cast<unsigned>(conditions.size()), conditions.data()),
          name));
  }
  return {};
}

Result<Instructions> exported(scmp_filter_ctx filter) {
  const Fd file = TRY(empty_file_in_memory("seccomp"));
  TRY_VOID(check_result(seccomp_export_bpf(filter, file.get()), "export"));
  Instructions instructions(static_cast<std::size_t>(::lseek(file.get(), 0, SEEK_CUR)) / sizeof(sock_filter));
  const std::size_t bytes = instructions.size() * sizeof(sock_filter);
  if (::pread(file.get(), instructions.data(), bytes, 0) != static_cast<ssize_t>(bytes))
    return fail_system("seccomp filter");
  return instructions;
}

/// Makes calls that are newer than every call in the profile fail with ENOSYS instead of EPERM: C libraries then use an
/// older call. The instructions go before those of libseccomp, which has no names for such calls.
void fail_newer_calls(Instructions& instructions, const SeccompFilter& profile) {
  int newest = -1;
  for (const SeccompRule& rule : profile.rules)
    for (const std::string& name : rule.names) newest = std::max(newest, number_of(name));
  if (profile.default_action != SeccompAction::Errno || newest < 0) return;
  const Instructions prologue{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, native, 0, 4),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, static_cast<std::uint32_t>(newest), 0, 2),
      BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, foreign_numbers, 1, 0),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
  };
  instructions.insert(instructions.begin(), prologue.begin(), prologue.end());
}

/// The number of the call itself, where libseccomp has another one.
int direct_number(std::uint32_t architecture, const std::string& name) {
  constexpr int socket_of_i386 = 359;  // libseccomp knows only the number of socketcall(2)
  if (architecture == SCMP_ARCH_X86 && name == "socket") return socket_of_i386;
  return seccomp_syscall_resolve_name_arch(architecture, name.c_str());
}

/// Adds a rule with SeccompRule::direct before the instructions of libseccomp.
void deny_directly(Instructions& instructions, const SeccompRule& rule, std::uint32_t architecture) {
  const SeccompArgument& argument = rule.arguments.at(0);
  const auto number = static_cast<std::uint32_t>(direct_number(architecture, rule.names.at(0)));
  // For the kernel x32 is the same architecture as x86-64; the numbers differ.
  const std::uint32_t audit = architecture == SCMP_ARCH_X32 ? SCMP_ARCH_X86_64 : architecture;
  const auto low_word =
      static_cast<std::uint32_t>(offsetof(seccomp_data, args) + argument.index * sizeof(std::uint64_t));
  const Instructions prologue{
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, audit, 0, 5),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, low_word),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(argument.value), 0, 1),
      BPF_STMT(BPF_RET | BPF_K, action_of(rule.action, rule.error)),
  };
  instructions.insert(instructions.begin(), prologue.begin(), prologue.end());
}

void deny_directly(Instructions& instructions, const SeccompFilter& profile) {
  for (const SeccompRule& rule : profile.rules) {
    if (!rule.direct) continue;
    if (profile.architectures.empty()) deny_directly(instructions, rule, seccomp_arch_native());
    for (const std::string& name : profile.architectures) deny_directly(instructions, rule, architecture_called(name));
  }
}

Result<Instructions> assemble(const SeccompFilter& profile) {
  const std::uint32_t default_action = action_of(profile.default_action, profile.default_error);
  // Otherwise libseccomp finds out by ten system calls what every kernel since 5.7 has: seccomp_api_get(3).
  static const int known_features = seccomp_api_set(6);
  TRY_VOID(check_result(known_features, "features"));
  const std::unique_ptr<void, void (*)(void*)> filter(seccomp_init(default_action), seccomp_release);
  if (!filter) return fail("seccomp filter: no memory", ENOMEM);
  constexpr std::uint32_t binary_tree = 2;
  TRY_VOID(check_result(seccomp_attr_set(filter.get(), SCMP_FLTATR_CTL_OPTIMIZE, binary_tree), "binary tree"));
  TRY_VOID(add_architectures(filter.get(), profile));
  for (const SeccompRule& rule : profile.rules)
    if (const std::uint32_t action = action_of(rule.action, rule.error); action != default_action && !rule.direct)
      TRY_VOID(add_rule(filter.get(), rule, action));
  Instructions instructions = TRY(exported(filter.get()));
  fail_newer_calls(instructions, profile);
  deny_directly(instructions, profile);
  return instructions;
}

/// The assembled filter, which is kept: each profile is assembled once.
Result<sock_fprog> filter_of(const SeccompFilter& profile) {
  static std::deque<std::pair<SeccompFilter, Instructions>> assembled;
  auto cached = std::ranges::find(assembled, profile, &std::pair<SeccompFilter, Instructions>::first);
  if (cached == assembled.end()) {
    assembled.emplace_back(profile, TRY(assemble(profile)));
    cached = std::prev(assembled.end());
  }
  return sock_fprog{.len = static_cast<unsigned short>(cached->second.size()), .filter = cached->second.data()};
}

}  // namespace

Result<std::vector<Filter>> filters_of(const pod::ContainerPlan& plan) {
  std::vector<Filter> filters;
  for (const pod::ChildStep& step : plan.child)
    if (const auto* seccomp = std::get_if<pod::step::Seccomp>(&step))
      filters.push_back({seccomp->rules.get(), TRY(filter_of(*seccomp->rules))});
  return filters;
}

}  // namespace podrun::ns

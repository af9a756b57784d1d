// Compiles the restrictions of a container.
#include "pod/compile/compile_security.hpp"

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

#include "pod/spec/capabilities.hpp"
#include "pod/spec/namespaces.hpp"
#include "pod/spec/pod_syntax.hpp"
#include "pod/text/utf8_text.hpp"

namespace podrun::pod {
namespace {

constexpr std::string_view field_of_profile = "securityContext.seccompProfile.localhostProfile";

}  // namespace

const std::vector<std::string>& mask_candidates() {
  // clang-format off
  static const std::vector<std::string> paths{
      "/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys", "/proc/latency_stats",
      "/proc/sched_debug", "/proc/scsi", "/proc/timer_list", "/proc/timer_stats",
      "/sys/devices/virtual/powercap", "/sys/firmware"};
  // clang-format on
  return paths;
}

const std::vector<std::string>& readonly_candidates() {
  static const std::vector<std::string> paths{"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
                                              "/proc/sysrq-trigger"};
  return paths;
}

std::vector<Error> capability_errors(const Container& container, const HostFacts& facts) {
  std::vector<Error> errors;
  const auto& add = container.security_context.capabilities.add;
  for (std::size_t i = 0; i < add.size(); ++i)
    if (capability_bit(add[i]) & ~facts.capabilities)
      errors.push_back({fmt::format("container {}: podrun itself does not have {} here, so it cannot give it",
                                    container.name, add[i]),
                        0, fmt::format("securityContext.capabilities.add[{}]", i)});
  return errors;
}

Result<> check_sysctls(const Pod& pod) {
  for (const Sysctl& sysctl : pod.spec.security_context.sysctls)
    if (const auto why = sysctl_error(sysctl.name, pod.spec.host_network, pod.spec.host_ipc); !why.empty())
      return fail(fmt::format("sysctl {} {}", in_quotes(sysctl.name), why));
  return {};
}

std::vector<ChildStep> hidden_paths(const HostFacts& facts, Slot root) {
  std::vector<ChildStep> steps;
  for (const auto& path : mask_candidates())
    if (facts.sensitive_paths.contains(path)) steps.emplace_back(step::MaskPath{.root = root, .path = path});
  for (const auto& path : readonly_candidates())
    if (facts.sensitive_paths.contains(path))
      steps.emplace_back(step::ReadOnlyPath{.root = root, .path = path});
  return steps;
}

Container with_inherited_security(const Pod& pod, Container container) {
  const PodSecurityContext& theirs = pod.spec.security_context;
  SecurityContext& own = container.security_context;
  const auto inherit = [](auto& value, const auto& from) {
    if (!value) value = from;
  };
  inherit(own.run_as_user, theirs.run_as_user);
  inherit(own.run_as_group, theirs.run_as_group);
  inherit(own.run_as_non_root, theirs.run_as_non_root);
  inherit(own.seccomp_profile, theirs.seccomp_profile);
  return container;
}

SeccompDenials denials_for(const Composition& namespaces, std::uint64_t capabilities, const HostFacts& facts) {
  const bool is_admin = capabilities & capability_bit("SYS_ADMIN");
  // The container's process is PID 1 of a private PID namespace; the kernel denies CLONE_PARENT to PID 1.
  return {.machine = facts.machine,
          .entering = !is_admin,
          .user_namespaces = !is_admin && source_of(namespaces, NamespaceKind::Mnt).owner != NamespaceOwner::Pod,
          .siblings = source_of(namespaces, NamespaceKind::Pid).owner != NamespaceOwner::Private};
}

step::Seccomp own_filter(const SeccompDenials& what) {
  return {.profile = "podrun",
          .rules = std::make_shared<SeccompFilter>(denial_filter(what)),
          .own = std::make_shared<SeccompDenials>(what)};
}

Result<Filters> compile_filters(const Container& container, const Composition& namespaces, const HostFacts& facts) {
  const SecurityContext& security = container.security_context;
  Filters filters;
  if (security.privileged) return filters;  // the kubelet ignores the profile as well
  const std::uint64_t capabilities = capabilities_of(security) & facts.capabilities;
  filters.first.emplace_back(own_filter(denials_for(namespaces, capabilities, facts)));
  const SeccompProfile profile = security.seccomp_profile.value_or(SeccompProfile{});
  step::Seccomp wanted{.profile = "RuntimeDefault", .rules = nullptr, .last = !security.allow_privilege_escalation};
  switch (profile.type) {
    case SeccompProfile::Type::Unconfined: return filters;
    case SeccompProfile::Type::RuntimeDefault:
      wanted.rules =
          std::make_shared<SeccompFilter>(default_seccomp_profile(capabilities, facts.machine));
      break;
    case SeccompProfile::Type::Localhost: {
      wanted.profile = "localhost/" + profile.localhost_profile;
      const auto text = facts.seccomp_profiles.find(profile.localhost_profile);
      if (text == facts.seccomp_profiles.end())
        return fail_at(std::string(field_of_profile),
                       fmt::format("container {}: there is no seccomp profile {}", container.name,
                                   in_quotes(profile.localhost_profile)),
                       ENOENT);
      auto rules = parse_seccomp_profile(text->second);
      if (!rules)
        return fail_at(std::string(field_of_profile), fmt::format("seccomp profile {}: {}",
                                                                  in_quotes(profile.localhost_profile),
                                                                  rules.error().message));
      wanted.rules = std::make_shared<SeccompFilter>(std::move(*rules));
      break;
    }
  }
  (wanted.last ? filters.last : filters.first).emplace_back(std::move(wanted));
  return filters;
}

std::set<std::string> localhost_profiles(const Pod& pod) {
  std::set<std::string> paths;
  for (const Container& container : pod.spec.containers)
    if (const auto profile = with_inherited_security(pod, container).security_context.seccomp_profile;
        profile && profile->type == SeccompProfile::Type::Localhost)
      paths.insert(profile->localhost_profile);
  return paths;
}

std::vector<ChildStep> drop_privileges(const Container& container, const Identity& identity,
                                       const HostFacts& facts, const Filters& filters) {
  const std::uint64_t kept = capabilities_of(container.security_context) & facts.capabilities;
  std::vector<ChildStep> steps;
  steps.emplace_back(step::BoundCapabilities{.keep = kept});
  steps.insert(steps.end(), filters.first.begin(), filters.first.end());
  steps.emplace_back(step::SetIds{.uid = identity.uid, .gid = identity.gid, .groups = identity.groups});
  if (!container.security_context.allow_privilege_escalation) steps.emplace_back(step::NoNewPrivileges{});
  // For a user other than root execve(2) clears the capabilities, as in Kubernetes: there are no ambient capabilities.
  steps.emplace_back(step::SetCapabilities{.keep = kept});
  steps.emplace_back(step::ParentDeathSignal{});
  return steps;
}

}  // namespace podrun::pod

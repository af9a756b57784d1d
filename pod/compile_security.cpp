// What a container may not see and may not do.
#include "pod/compile_security.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "pod/capabilities.hpp"

namespace podrun::pod {

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

std::uint64_t capabilities_of(const SecurityContext& security) {
  if (security.privileged) return all_capabilities;
  const auto& [add, drop] = security.capabilities;
  std::uint64_t kept = default_capabilities;
  const auto names_all = [](const std::string& name) { return name == "ALL"; };
  if (std::ranges::any_of(add, names_all)) kept = all_capabilities;
  if (std::ranges::any_of(drop, names_all)) kept = 0;
  for (const std::string& name : add) kept |= capability_bit(name);
  for (const std::string& name : drop) kept &= ~capability_bit(name);
  return kept;
}

Result<> check_capabilities(const Container& container, const HostFacts& facts) {
  for (const std::string& name : container.security_context.capabilities.add)
    if (capability_bit(name) & ~facts.capabilities)
      return fail(fmt::format("container {}: podrun itself has no {} here that it could give", container.name, name));
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

std::vector<ChildStep> drop_privileges(const Container& container, const Identity& identity,
                                       const HostFacts& facts) {
  const std::uint64_t kept = capabilities_of(container.security_context) & facts.capabilities;
  std::vector<ChildStep> steps;
  steps.emplace_back(step::BoundCapabilities{.keep = kept});
  if (!container.security_context.privileged)
    steps.emplace_back(step::Seccomp{.profile = "podrun", .rules = std::make_shared<SeccompFilter>(refusals(facts.machine))});
  steps.emplace_back(step::SetIds{.uid = identity.uid, .gid = identity.gid, .groups = identity.groups});
  if (!container.security_context.allow_privilege_escalation) steps.emplace_back(step::NoNewPrivileges{});
  // For a user other than root the execve clears them, as on Kubernetes: there are no ambient capabilities.
  steps.emplace_back(step::SetCapabilities{.keep = kept});
  steps.emplace_back(step::ParentDeathSignal{});
  return steps;
}

}  // namespace podrun::pod

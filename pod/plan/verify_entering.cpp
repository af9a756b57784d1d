// Verifies the invariants of an entering plan.
#include "pod/plan/verify_entering.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <concepts>
#include <optional>
#include <string_view>

#include "pod/plan/step_predicates.hpp"

namespace podrun::pod {
namespace {

/// Stands for every step that mounts in the root.
struct Mounting {};

/// Stands for a Seccomp step with `last`.
struct LastFilter {};

/// The steps that an entering plan may have, in their order.
using Order =
    std::variant<step::ResetSignals, step::NotDumpable, step::NewSession, step::ResetOomScore, step::EnterNamespaces,
                 step::OwnMounts, step::AttachOwnRoot, Mounting, step::Chroot, step::PivotRoot, step::WorkingDirectory,
                 step::ConnectTerminal, step::ResourceLimits, step::BoundCapabilities, step::Seccomp, step::SetIds,
                 step::NoNewPrivileges, step::SetCapabilities, step::ParentDeathSignal, step::CloseDescriptors,
                 LastFilter, step::Exec>;

template <typename Step, std::size_t Index = 0>
constexpr std::size_t position() {
  if constexpr (Index == std::variant_size_v<Order>)
    return Index;
  else if constexpr (std::same_as<Step, std::variant_alternative_t<Index, Order>>)
    return Index;
  else
    return position<Step, Index + 1>();
}

/// The place of a step in that order; std::nullopt for a step that is not allowed.
std::optional<std::size_t> place_of(const ChildStep& step) {
  if (mount_point(step)) return position<Mounting>();
  if (const auto* filter = std::get_if<step::Seccomp>(&step); filter && filter->last) return position<LastFilter>();
  const auto place = std::visit([]<typename Step>(const Step&) { return position<Step>(); }, step);
  return place < std::variant_size_v<Order> ? std::optional(place) : std::nullopt;
}

bool may_come_again(std::size_t place) {
  return place == position<step::EnterNamespaces>() || place == position<Mounting>() ||
         place == position<step::Seccomp>();
}

bool is_mounting(std::size_t place) {
  return place == position<step::AttachOwnRoot>() || place == position<Mounting>();
}

template <typename Step>
bool has(const ContainerPlan& plan) {
  return std::ranges::any_of(plan.child, [](const auto& step) { return std::holds_alternative<Step>(step); });
}

/// The name of the first of these steps that is missing in the plan; "" if none is.
template <typename... Steps>
std::string_view missing(const ContainerPlan& plan) {
  std::string_view name;
  ((name.empty() && !has<Steps>(plan) ? name = step_name(ChildStep(Steps{})) : name), ...);
  return name;
}

bool enters_mount_namespace(const ContainerPlan& plan) {
  return std::ranges::any_of(plan.child, [](const ChildStep& step) {
    const auto* enter = std::get_if<step::EnterNamespaces>(&step);
    return enter && std::ranges::find(enter->kinds, NamespaceKind::Mnt) != enter->kinds.end();
  });
}

std::unexpected<Error> broken(int invariant, std::string_view how) {
  return fail(fmt::format("an entering plan breaks law {}: {}", invariant, how));
}

/// Verifies the invariants 1, 3 and 5, which are about single steps. Invariant 1 ensures that OwnMounts precedes
/// mounts.
Result<> verify_steps(const ContainerPlan& plan) {
  std::optional<std::size_t> last;
  for (const ChildStep& step : plan.child) {
    const auto place = place_of(step);
    if (!place || (is_mounting(*place) && !has<step::OwnMounts>(plan)))
      return broken(3, fmt::format("{} would change the container", step_name(step)));
    if (last && (*place < *last || (*place == *last && !may_come_again(*place))))
      return broken(1, fmt::format("{} comes too late", step_name(step)));
    last = place;
    if (std::ranges::any_of(slots_of(step), [&](Slot slot) { return slot >= plan.descriptors.size(); }))
      return broken(5, fmt::format("nothing provides what {} uses", step_name(step)));
  }
  return {};
}

}  // namespace

Result<> verify_entering(const ContainerPlan& plan) {
  for (const HostStep& step : plan.host)
    if (!std::holds_alternative<host::OverlayRoot>(step) && !std::holds_alternative<host::CloneTree>(step) &&
        !std::holds_alternative<host::CloneProc>(step))
      return broken(3, fmt::format("{} would change the pod", step_name(step)));
  TRY_VOID(verify_steps(plan));
  if (const auto name = missing<step::ResetSignals, step::NotDumpable, step::NewSession, step::ResetOomScore,
                                step::ParentDeathSignal, step::CloseDescriptors, step::Exec>(plan);
      !name.empty())
    return broken(2, fmt::format("there is no {}", name));
  const bool changes_root = has<step::Chroot>(plan) || has<step::PivotRoot>(plan);
  if (enters_mount_namespace(plan) && !changes_root) return broken(4, "the root is not changed");
  if (has<step::OwnMounts>(plan) && !has<step::PivotRoot>(plan)) return broken(4, "there is no PivotRoot");
  if (const auto name =
          missing<step::ResourceLimits, step::BoundCapabilities, step::SetIds, step::SetCapabilities>(plan);
      changes_root && !name.empty())
    return broken(4, fmt::format("the root is changed, but there is no {}", name));
  return {};
}

}  // namespace podrun::pod

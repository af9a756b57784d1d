// The laws of an entering plan.
#include "pod/verify_entering.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <concepts>
#include <optional>
#include <string_view>

#include "pod/plan_fields.hpp"

namespace podrun::pod {
namespace {

/// The steps an entering plan may have, in their order.
using Order =
    std::variant<step::ResetSignals, step::NotDumpable, step::NewSession, step::EnterNamespaces, step::Chroot,
                 step::WorkingDirectory, step::ConnectTerminal, step::BoundCapabilities, step::RefuseCalls, step::SetIds,
                 step::NoNewPrivileges, step::SetCapabilities, step::ParentDeathSignal, step::CloseDescriptors,
                 step::Exec>;

/// The place of a kind of step in that order; none: it has no place in such a plan.
template <typename Step, std::size_t Index = 0>
constexpr std::optional<std::size_t> place_of() {
  if constexpr (Index == std::variant_size_v<Order>) {
    return std::nullopt;
  } else if constexpr (std::same_as<Step, std::variant_alternative_t<Index, Order>>) {
    return Index;
  } else {
    return place_of<Step, Index + 1>();
  }
}

template <typename Step>
bool has(const ContainerPlan& plan) {
  return std::ranges::any_of(plan.child, [](const auto& step) { return std::holds_alternative<Step>(step); });
}

/// The name of the first of these steps that the plan lacks; "" if it has all.
template <typename... Steps>
std::string_view missing(const ContainerPlan& plan) {
  std::string_view name;
  ((name.empty() && !has<Steps>(plan) ? name = record_of(Steps{}).name : name), ...);
  return name;
}

bool enters_mount_namespace(const ContainerPlan& plan) {
  return std::ranges::any_of(plan.child, [](const ChildStep& step) {
    const auto* enter = std::get_if<step::EnterNamespaces>(&step);
    return enter && std::ranges::find(enter->kinds, NamespaceKind::Mnt) != enter->kinds.end();
  });
}

std::unexpected<Error> broken(int law, std::string_view how) {
  return fail(fmt::format("an entering plan breaks law {}: {}", law, how));
}

/// Laws 1, 3 and 5, which are about each step.
Result<> verify_steps(const ContainerPlan& plan) {
  std::optional<std::size_t> last;
  for (const ChildStep& step : plan.child) {
    const auto place = std::visit([]<typename Step>(const Step&) { return place_of<Step>(); }, step);
    if (!place) return broken(3, fmt::format("{} would change the container", step_name(step)));
    if (last && *place <= *last) return broken(1, fmt::format("{} comes too late", step_name(step)));
    last = place;
    bool provided = true;
    const auto check = [&]<typename T>(std::string_view, const T& value) {
      if constexpr (std::same_as<T, Slot>) provided = provided && value < plan.descriptors.size();
    };
    std::visit([&](const auto& s) { for_each_field(s, check); }, step);
    if (!provided) return broken(5, fmt::format("nothing provides what {} uses", step_name(step)));
  }
  return {};
}

}  // namespace

Result<> verify_entering(const ContainerPlan& plan) {
  TRY_VOID(verify_steps(plan));
  if (const auto name = missing<step::ResetSignals, step::NotDumpable, step::NewSession, step::ParentDeathSignal,
                                step::CloseDescriptors, step::Exec>(plan);
      !name.empty())
    return broken(2, fmt::format("there is no {}", name));
  if (enters_mount_namespace(plan) && !has<step::Chroot>(plan)) return broken(4, "there is no Chroot");
  if (const auto name = missing<step::BoundCapabilities, step::SetIds, step::SetCapabilities>(plan);
      has<step::Chroot>(plan) && !name.empty())
    return broken(4, fmt::format("there is a Chroot, but no {}", name));
  return {};
}

}  // namespace podrun::pod

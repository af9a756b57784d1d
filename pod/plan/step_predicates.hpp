// Properties of single steps that the invariants refer to.
#pragma once

#include <concepts>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "pod/plan/plan_fields.hpp"
#include "pod/plan/steps.hpp"

namespace podrun::pod {

/// Steps that use the descriptor of the container's root, except for the change of root itself.
template <typename Step>
concept WorksOnRoot =
    !std::same_as<Step, step::Chroot> && !std::same_as<Step, step::PivotRoot> && requires(const Step& s) {
  s.root;
};

inline bool is_work_on_root(const ChildStep& step) {
  return std::visit([]<typename Step>(const Step&) { return WorksOnRoot<Step>; }, step);
}

/// The mount point of a step that mounts in the container's root; nullptr for other steps.
inline const std::string* mount_point(const ChildStep& step) {
  return std::visit(
      []<typename Step>(const Step& s) -> const std::string* {
        if constexpr (WorksOnRoot<Step> && requires { s.path; }) return &s.path;
        return nullptr;
      },
      step);
}

/// The slots that a step provides or uses.
template <typename... Steps>
std::vector<Slot> slots_of(const std::variant<Steps...>& step) {
  std::vector<Slot> slots;
  const auto collect = [&]<typename T>(std::string_view, const T& value) {
    if constexpr (std::same_as<T, Slot>) slots.push_back(value);
  };
  std::visit([&](const auto& s) { for_each_field(s, collect); }, step);
  return slots;
}

/// The name of a step in errors: "step 9 of 17 (MountProc)". LIST is the kind of step: "", "host ".
template <typename... Steps>
std::string place(std::string_view list, const std::vector<std::variant<Steps...>>& steps, std::size_t i) {
  if (i >= steps.size()) return fmt::format("the end of {} {}steps", steps.size(), list);
  return fmt::format("{}step {} of {} ({})", list, i + 1, steps.size(), step_name(steps[i]));
}

}  // namespace podrun::pod

// What the invariants ask of single steps, and what a step is called: compiled once for every kind of step.
#include "pod/plan/step_predicates.hpp"

#include <concepts>
#include <variant>

#include <fmt/format.h>

#include "pod/plan/plan_fields.hpp"

namespace podrun::pod {
namespace {

/// Steps that work on the container's root through its descriptor, but for the change of root itself.
template <typename Step>
concept WorksOnRoot =
    !std::same_as<Step, step::Chroot> && !std::same_as<Step, step::PivotRoot> && requires(const Step& s) {
  s.root;
};

template <typename Variant>
std::vector<Slot> slots_in(const Variant& step) {
  std::vector<Slot> slots;
  const auto collect = [&]<typename T>(std::string_view, const T& value) {
    if constexpr (std::same_as<T, Slot>) slots.push_back(value);
  };
  std::visit([&](const auto& s) { for_each_field(s, collect); }, step);
  return slots;
}

constexpr auto name_of_record = [](const auto& step) { return record_of(step).name; };

}  // namespace

bool is_work_on_root(const ChildStep& step) {
  return std::visit([]<typename Step>(const Step&) { return WorksOnRoot<Step>; }, step);
}

const std::string* mount_point(const ChildStep& step) {
  return std::visit(
      []<typename Step>(const Step& s) -> const std::string* {
        if constexpr (WorksOnRoot<Step> && requires { s.path; }) return &s.path;
        return nullptr;
      },
      step);
}

std::vector<Slot> slots_of(const HostStep& step) { return slots_in(step); }
std::vector<Slot> slots_of(const ChildStep& step) { return slots_in(step); }

std::string_view step_name(const FileStep& step) { return std::visit(name_of_record, step); }
std::string_view step_name(const SandboxStep& step) { return std::visit(name_of_record, step); }
std::string_view step_name(const MemoryStep& step) { return std::visit(name_of_record, step); }
std::string_view step_name(const NetworkStep& step) { return std::visit(name_of_record, step); }
std::string_view step_name(const HostStep& step) { return std::visit(name_of_record, step); }
std::string_view step_name(const ChildStep& step) { return std::visit(name_of_record, step); }

std::string place(std::string_view list, std::size_t count, std::size_t i, std::string_view name) {
  if (i >= count) return fmt::format("the end of {} {}steps", count, list);
  return fmt::format("{}step {} of {} ({})", list, i + 1, count, name);
}

}  // namespace podrun::pod

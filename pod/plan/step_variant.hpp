// One step of several kinds: a std::variant whose copies, moves and destruction are compiled once.
#pragma once

#include <concepts>
#include <utility>
#include <variant>

namespace podrun::pod {

template <typename Variant>
class StepVariant;

/// A std::variant of step types. What std::variant compiles anew in each unit that copies, moves or destroys one, a
/// function for each type, is in step_variant.cpp; a unit that makes a step compiles one constructor.
template <typename... Steps>
class StepVariant<std::variant<Steps...>> : public std::variant<Steps...> {
 public:
  StepVariant();
  template <typename Step>
    requires(std::same_as<Step, Steps> || ...)
  StepVariant(Step step) : std::variant<Steps...>(std::in_place_type<Step>, std::move(step)) {}

  StepVariant(const StepVariant& other);
  StepVariant(StepVariant&& other) noexcept;
  StepVariant& operator=(const StepVariant& other);
  StepVariant& operator=(StepVariant&& other) noexcept;
  ~StepVariant();
};

}  // namespace podrun::pod

// What each kind of step has of StepVariant. An assignment is a destruction and a construction, so that no third
// function for each type is compiled.
#include "pod/plan/step_variant.hpp"

#include <memory>
#include <type_traits>

#include "pod/plan/steps.hpp"

namespace podrun::pod {

template <typename... Steps>
StepVariant<std::variant<Steps...>>::StepVariant() = default;
template <typename... Steps>
StepVariant<std::variant<Steps...>>::StepVariant(const StepVariant&) = default;
template <typename... Steps>
StepVariant<std::variant<Steps...>>::StepVariant(StepVariant&&) noexcept = default;
template <typename... Steps>
StepVariant<std::variant<Steps...>>& StepVariant<std::variant<Steps...>>::operator=(const StepVariant& other) {
  return *this = StepVariant(other);
}
template <typename... Steps>
StepVariant<std::variant<Steps...>>& StepVariant<std::variant<Steps...>>::operator=(StepVariant&& other) noexcept {
  static_assert((std::is_nothrow_move_constructible_v<Steps> && ...));
  if (this == &other) return *this;
  std::destroy_at(this);
  return *std::construct_at(this, std::move(other));
}
template <typename... Steps>
StepVariant<std::variant<Steps...>>::~StepVariant() = default;

template class StepVariant<FileStepVariant>;
template class StepVariant<SandboxStepVariant>;
template class StepVariant<MemoryStepVariant>;
template class StepVariant<HostStepVariant>;
template class StepVariant<ChildStepVariant>;

}  // namespace podrun::pod

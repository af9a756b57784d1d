// How plans are copied, moved and destroyed: member by member.
#include "pod/plan/plan.hpp"

namespace podrun::pod {

PodPlan::PodPlan() = default;
PodPlan::PodPlan(const PodPlan&) = default;
PodPlan::PodPlan(PodPlan&&) noexcept = default;
PodPlan& PodPlan::operator=(const PodPlan& other) { return *this = PodPlan(other); }
PodPlan& PodPlan::operator=(PodPlan&&) noexcept = default;
PodPlan::~PodPlan() = default;

}  // namespace podrun::pod

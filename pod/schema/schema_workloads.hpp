// The types of workloads, the objects from which Kubernetes makes pods. Their fields are checked and not stored; the
// pod template in them is decoded as a Pod.
#pragma once

#include <string_view>

#include "pod/schema/field_table.hpp"

namespace podrun::pod {

/// The table of a workload ("Deployment") or of a type that only workloads use; nullptr if there is none.
const Table* find_workload_table(std::string_view type);

}  // namespace podrun::pod

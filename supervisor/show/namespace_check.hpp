// Compares the namespaces that the plan promises with those that the kernel reports. Pure.
#pragma once

#include <string>
#include <vector>

#include "pod/plan/plan.hpp"
#include "supervisor/show/namespace_matrix.hpp"

namespace podrun::supervisor {

/// A sentence for each cell of the matrix that differs from the plan, e.g. "app: uts:[4026532301] is its own, not the
/// pod's uts:[4026532285]". Containers that do not run are skipped.
std::vector<std::string> namespace_mismatches(const NamespaceMatrix& matrix, const pod::PodPlan& plan);

}  // namespace podrun::supervisor

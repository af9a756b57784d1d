// The matrix of processes and namespaces as a graph. Pure.
#pragma once

#include <string>

#include "supervisor/show/namespace_matrix.hpp"

namespace podrun::supervisor {

/// For graphviz: `podrun ns NAME -o dot | dot -Tsvg`. Processes are boxes, which say what is theirs alone and
/// what is the host's; those that share a namespace are joined to one ellipse.
std::string to_dot(const std::string& pod_id, const NamespaceMatrix& matrix);

}  // namespace podrun::supervisor

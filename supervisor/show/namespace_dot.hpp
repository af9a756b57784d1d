// Draws processes and namespaces as a graph. Pure.
#pragma once

#include <string>

#include "supervisor/show/namespace_matrix.hpp"

namespace podrun::supervisor {

/// A graph for graphviz: `podrun ns NAME -o dot | dot -Tsvg`. Processes are boxes, which list the namespaces that are
/// their own and those of the host. Processes that share a namespace are connected to an ellipse.
std::string to_dot(const std::string& pod_id, const NamespaceMatrix& matrix);

}  // namespace podrun::supervisor

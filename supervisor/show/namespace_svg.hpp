// Draws processes and namespaces as a picture. Pure.
#pragma once

#include <string>

#include "supervisor/show/namespace_matrix.hpp"

namespace podrun::supervisor {

/// An SVG with a light and a dark style. Processes are boxes side by side, and kinds are lanes across them. A namespace
/// that several processes share is an area around them. A namespace with one process is a field in its box. The host's
/// namespace is a band behind the whole lane.
///
/// For programs: <rect class="area" data-letter data-kinds data-members>, one for each run of neighbours, and <g
/// class="cell" data-process data-kind data-namespace> with a <rect> for each cell.
std::string to_svg(const std::string& pod_id, const NamespaceMatrix& matrix);

}  // namespace podrun::supervisor

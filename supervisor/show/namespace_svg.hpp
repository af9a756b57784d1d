// The matrix of processes and namespaces as a picture. Pure.
#pragma once

#include <string>

#include "supervisor/show/namespace_matrix.hpp"

namespace podrun::supervisor {

/// An SVG, for slides, light and dark. Processes are boxes side by side, kinds are lanes across them. A
/// namespace that several processes share is an area around them; one that a process has alone is a field in
/// its box; the host's lies below everything as a band through the whole lane.
///
/// For programs: <rect class="area" data-letter data-kinds data-members>, one for each run of neighbours, and
/// a <g class="cell" data-process data-kind data-namespace> with a <rect> for each cell.
std::string to_svg(const std::string& pod_id, const NamespaceMatrix& matrix);

}  // namespace podrun::supervisor

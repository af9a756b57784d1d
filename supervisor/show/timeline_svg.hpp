// Where a pod's start went, as a picture. Pure.
#pragma once

#include <string>

#include "supervisor/state/timeline.hpp"

namespace podrun::supervisor {

/// An SVG, for slides, light and dark: a lane for podrun, the pause and each container, a bar for each step,
/// to scale, and the words of the longest. The others' are titles, which viewers show for the pointer.
///
/// For programs: a <rect class="bar" data-who data-what data-begin data-end> for each span, in nanoseconds
/// since the command line.
std::string to_svg(const Timeline& timeline);

}  // namespace podrun::supervisor

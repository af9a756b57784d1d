// Draws the timeline of a pod's start as a picture. Pure.
#pragma once

#include <string>

#include "supervisor/state/timeline.hpp"

namespace podrun::supervisor {

/// An SVG with a light and a dark style: a lane for podrun, the pause and each container, with a bar for each step, to
/// scale. The longest steps have labels; the others have titles, which viewers show as tooltips.
///
/// For programs: a <rect class="bar" data-who data-what data-begin data-end> for each span, in nanoseconds since the
/// command line.
std::string to_svg(const Timeline& timeline);

}  // namespace podrun::supervisor

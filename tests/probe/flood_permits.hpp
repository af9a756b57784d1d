// How far the probe's `flood` may write. The probe and the test that gives the permits include this.
#pragma once

namespace podrun::probe {

/// The number of lines that one byte from the FIFO permits: a little less than a full log file has.
inline constexpr long lines_of_a_permit = 100'000;

}  // namespace podrun::probe

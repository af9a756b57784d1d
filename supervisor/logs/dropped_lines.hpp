// Lines that a log has no room for: counted where a supervisor's death does not reach, until the count can be
// written into the log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::supervisor {

/// What has been dropped since something was written.
struct DroppedLines {
  std::uint64_t lines = 0;
  std::int32_t number = 0;   ///< the errno that kept the last of them out
  std::int32_t counted = 0;  ///< 1: the batch that is being dropped is among `lines` and still in its journal

  /// "podrun: 17 lines are missing here: No space left on device\n".
  std::string words() const;
};

/// An empty count: a memfd.
Result<Fd> create_dropped_lines();
/// The count in DROPS; nothing was dropped if there is no descriptor.
Result<DroppedLines> read_dropped_lines(const Fd& drops);
Result<> write_dropped_lines(const Fd& file, const DroppedLines& drops);

/// How many lines RAW output has; an unfinished one counts.
std::size_t count_lines(std::string_view raw);

}  // namespace podrun::supervisor

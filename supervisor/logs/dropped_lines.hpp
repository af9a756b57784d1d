// The count of log lines that could not be written. It is kept in a memfd, which outlives the supervisor, until it can
// be written into the log.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"

namespace podrun::supervisor {

/// The lines dropped since the last successful write.
struct DroppedLines {
  std::uint64_t lines = 0;
  std::int32_t number = 0;   ///< the errno of the last failed write
  std::int32_t counted = 0;  ///< 1: the batch being dropped is included in `lines` but still in its journal pipe

  /// The text for the log: "podrun: 17 lines are missing here: No space left on device\n".
  std::string words() const;
};

/// Creates a memfd with a count of zero.
Result<Fd> create_dropped_lines();
/// Reads the count; zero if there is no descriptor.
Result<DroppedLines> read_dropped_lines(const Fd& drops);
/// Writes the count; does nothing if there is no descriptor.
Result<> write_dropped_lines(const Fd& file, const DroppedLines& drops);

/// The number of lines in `raw`; an unfinished one counts.
std::size_t count_lines(std::string_view raw);

}  // namespace podrun::supervisor

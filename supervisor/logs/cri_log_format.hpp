// The CRI log format: `<RFC3339Nano> stdout|stderr F|P text`, as container runtimes write it for the kubelet. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "supervisor/core/times.hpp"
#include "supervisor/logs/log_descriptors.hpp"

namespace podrun::supervisor {

/// The longest text of a record, in bytes. A longer line becomes several `P` records and an `F` record.
inline constexpr std::size_t longest_record = 16 * 1024;

/// How many bytes of `raw` can be written as records without waiting for more output: whole lines, and of an unfinished
/// line all full records that are followed by at least one more byte. A line is split at the same places whatever the
/// sizes of the reads.
std::size_t recordable(std::string_view raw);

/// Appends `raw` to `out` as records with the same time. An end without a newline becomes a `P` record. The number of
/// bytes appended depends on `raw` only.
void append_records(std::string& out, std::string_view raw, Stream stream, WallTime time);

/// A record of a log file. The members refer to the line that it was parsed from.
struct Record {
  std::string_view time;
  Stream stream;
  bool partial;  ///< `P`: the next record of the stream continues the line
  std::string_view text;
};

/// Parses a line (without its newline); empty if it is not a CRI record.
std::optional<Record> parse_record(std::string_view line);

}  // namespace podrun::supervisor

// The CRI log format: `<RFC3339Nano> stdout|stderr F|P text`, as the kubelet's container runtimes write it.
// Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "supervisor/core/times.hpp"
#include "supervisor/logs/log_descriptors.hpp"

namespace podrun::supervisor {

/// The longest text of one record, in bytes; longer lines become several `P` records and an `F`.
inline constexpr std::size_t longest_record = 16 * 1024;

/// RFC 3339 in UTC with nine digits: "2026-11-24T06:38:34.123456789Z".
std::string rfc3339(WallTime time);
/// The inverse; empty if TEXT is not of that form.
std::optional<WallTime> parse_rfc3339(std::string_view text);

/// How much of RAW can be recorded without waiting for more: its whole lines, and of an unfinished one all
/// full records that something still follows. A line is split at the same places however it arrives.
std::size_t recordable(std::string_view raw);

/// Appends RAW to OUT as records, each with the same time. RAW's end without a newline becomes a `P` record.
/// The length of what is appended depends on RAW alone.
void append_records(std::string& out, std::string_view raw, Stream stream, WallTime time);

/// One record of a log file; a view into it.
struct Record {
  std::string_view time;
  Stream stream;
  bool partial;  ///< the line goes on in the stream's next record
  std::string_view text;
};

/// Splits one line (without its newline); empty if it is not a CRI record.
std::optional<Record> parse_record(std::string_view line);

}  // namespace podrun::supervisor

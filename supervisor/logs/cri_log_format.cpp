// The CRI log format; see cri_log_format.hpp.
#include "supervisor/logs/cri_log_format.hpp"

#include <algorithm>
#include <utility>

namespace podrun::supervisor {

std::size_t recordable(std::string_view raw) {
  const std::size_t lines = raw.rfind('\n') + 1;  // 0 without a newline: npos + 1 is 0
  const std::size_t unfinished = raw.size() - lines;
  return unfinished == 0 ? lines : lines + (unfinished - 1) / longest_record * longest_record;
}

void append_records(std::string& out, std::string_view raw, Stream stream, WallTime time) {
  const std::string head = rfc3339(time) + (stream == Stream::Out ? " stdout " : " stderr ");
  const std::string whole = head + "F ";
  const std::string partial = head + "P ";
  while (!raw.empty()) {
    const std::size_t newline = raw.substr(0, longest_record + 1).find('\n');
    const bool ends = newline != std::string_view::npos;
    const std::string_view text = raw.substr(0, ends ? newline : longest_record);
    out.append(ends ? whole : partial).append(text).push_back('\n');
    raw.remove_prefix(text.size() + (ends ? 1 : 0));
  }
}

std::optional<Record> parse_record(std::string_view line) {
  // The text begins at a fixed offset, after "<time> stdout F ".
  constexpr std::size_t after_time = rfc3339_length;
  constexpr std::size_t text_at = after_time + std::string_view(" stdout F ").size();
  if (line.size() < text_at || !has_form_of_rfc3339(line.substr(0, after_time))) return std::nullopt;
  const std::string_view tags = line.substr(after_time, text_at - after_time);
  const bool out = tags.starts_with(" stdout ");
  const bool partial = tags.ends_with(" P ");
  if ((!out && !tags.starts_with(" stderr ")) || (!partial && !tags.ends_with(" F "))) return std::nullopt;
  return Record{.time = line.substr(0, after_time),
                .stream = out ? Stream::Out : Stream::Err,
                .partial = partial,
                .text = line.substr(text_at)};
}

}  // namespace podrun::supervisor

// The count of dropped log lines; see dropped_lines.hpp.
#include "supervisor/logs/dropped_lines.hpp"

#include <unistd.h>

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"

namespace podrun::supervisor {

std::string DroppedLines::words() const {
  return fmt::format("podrun: {} line{} missing here: {}\n", lines, lines == 1 ? " is" : "s are",
                     ::strerror(number));
}

Result<Fd> create_dropped_lines() {
  auto file = ns::empty_file_in_memory("podrun-drops");
  if (!file) return fail_system("cannot count dropped lines", file.error().number);
  TRY_VOID(write_dropped_lines(*file, {}));
  return std::move(*file);
}

Result<DroppedLines> read_dropped_lines(const Fd& file) {
  DroppedLines drops;
  if (file && ::pread(file.get(), &drops, sizeof drops, 0) != static_cast<ssize_t>(sizeof drops))
    return fail_system("cannot read the count of dropped lines");
  return drops;
}

// The write stays within a page, so that a kill finds all of it written or nothing.
Result<> write_dropped_lines(const Fd& file, const DroppedLines& drops) {
  if (file && ::pwrite(file.get(), &drops, sizeof drops, 0) != static_cast<ssize_t>(sizeof drops))
    return fail_system("cannot count dropped lines");
  return {};
}

std::size_t count_lines(std::string_view raw) {
  const auto newlines = static_cast<std::size_t>(std::ranges::count(raw, '\n'));
  return newlines + (raw.empty() || raw.ends_with('\n') ? 0 : 1);
}

}  // namespace podrun::supervisor

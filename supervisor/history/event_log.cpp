// events.jsonl.
#include "supervisor/history/event_log.hpp"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <set>
#include <string_view>
#include <utility>

namespace podrun::supervisor {
namespace {

constexpr mode_t mode = 0600;  // messages quote what probes and hooks print

std::vector<LoggedEvent> parse(std::string_view text) {
  std::vector<LoggedEvent> events;
  while (!text.empty()) {
    const std::size_t end = text.find('\n');
    if (auto event = parse_event_line(text.substr(0, end))) events.push_back(std::move(*event));
    if (end == text.npos) break;
    text.remove_prefix(end + 1);
  }
  return events;
}

std::string text_of(const ns::DirectoryHandle& folder, const std::string& name) {
  // A file grows beyond its bound by one write at most.
  return folder.read_file(name, 2 * longest_events_file).value_or("");
}

}  // namespace

Result<> EventLog::append(const std::vector<LoggedEvent>& events) {
  if (events.empty()) return {};
  TRY_VOID(open());
  std::string lines;
  for (const LoggedEvent& event : events)
    if (std::ranges::find(known_, event.id) == known_.end()) lines += to_line(event);
  if (lines.empty()) return {};
  if (size_ + lines.size() > longest_events_file) TRY_VOID(rotate());
  return write(lines);
}

Result<> EventLog::open() {
  if (file_) return {};
  Fd file = TRY(folder_.append_to(events_file, mode));
  struct stat status{};
  if (::fstat(file.get(), &status) < 0) return fail_system(folder_.path_of(events_file));
  size_ = static_cast<std::size_t>(status.st_size);
  file_ = std::move(file);
  if (!std::exchange(may_continue_, false) || size_ == 0) return {};
  constexpr std::size_t most_known = 200;  // more than one step makes
  const std::string text = text_of(folder_, events_file);
  const std::vector<LoggedEvent> former = parse(text);
  for (std::size_t i = former.size() - std::min(former.size(), most_known); i < former.size(); ++i)
    known_.push_back(former[i].id);
  // The former supervisor may have been killed in the middle of a line.
  return text.ends_with('\n') ? Result<>{} : write("\n");
}

Result<> EventLog::rotate() {
  if (::renameat(folder_.fd(), events_file, folder_.fd(), former_events_file) < 0)
    return fail_system(folder_.path_of(former_events_file));
  file_.reset();
  return open();
}

/// Writes all or nothing.
Result<> EventLog::write(const std::string& lines) {
  const ssize_t written = ::write(file_.get(), lines.data(), lines.size());
  if (written == static_cast<ssize_t>(lines.size())) {
    size_ += lines.size();
    return {};
  }
  const int number = written < 0 ? errno : ENOSPC;
  if (written > 0) (void)!::ftruncate(file_.get(), static_cast<off_t>(size_));
  return fail_system(folder_.path_of(events_file), number);
}

std::vector<LoggedEvent> read_events(const ns::DirectoryHandle& folder) {
  std::vector<LoggedEvent> events;
  std::set<std::string> seen;
  for (const char* name : {former_events_file, events_file})
    for (LoggedEvent& event : parse(text_of(folder, name)))
      if (seen.insert(event.id).second) events.push_back(std::move(event));
  return events;
}

}  // namespace podrun::supervisor

// The log files of a container; see log_files.hpp.
#include "supervisor/logs/log_files.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <charconv>
#include <tuple>
#include <utility>

#include <fmt/format.h>

namespace podrun::supervisor {
namespace {

// "2026-11-24T06:38:34.123456789Z" ↔ "20261124-063834.123456789"
std::string to_name(WallTime time) {
  const std::string text = rfc3339(time);
  return fmt::format("{:.4}{:.2}{:.2}-{:.2}{:.2}{:.2}{:.10}", &text[0], &text[5], &text[8], &text[11],
                     &text[14], &text[17], &text[19]);
}

std::optional<WallTime> from_name(const std::string& name) {
  if (name.size() != 25 || name[8] != '-') return std::nullopt;
  return parse_rfc3339(fmt::format("{:.4}-{:.2}-{:.2}T{:.2}:{:.2}:{:.2}{:.10}Z", &name[0], &name[4], &name[6],
                                   &name[9], &name[11], &name[13], &name[15]));
}

// 0 for the substitute of a log file.
ino_t inode_of(int file) {
  struct stat status {};
  return ::fstat(file, &status) == 0 && S_ISREG(status.st_mode) ? status.st_ino : 0;
}

}  // namespace

std::string LogFile::name() const {
  return rotated.empty() ? fmt::format("{}.log", instance) : fmt::format("{}.log.{}", instance, rotated);
}

std::strong_ordering LogFile::operator<=>(const LogFile& other) const {
  return std::tuple(instance, rotated.empty(), rotated) <=>
         std::tuple(other.instance, other.rotated.empty(), other.rotated);
}

std::optional<LogFile> parse_log_name(std::string_view name) {
  LogFile file;
  const auto [rest, error] = std::from_chars(name.data(), name.data() + name.size(), file.instance);
  if (error != std::errc()) return std::nullopt;
  name.remove_prefix(static_cast<std::size_t>(rest - name.data()));
  if (name == ".log") return file;
  if (!name.starts_with(".log.")) return std::nullopt;
  file.rotated = name.substr(5);
  return from_name(file.rotated) ? std::optional(file) : std::nullopt;
}

std::string rotation_time(WallTime now, const std::string& last) {
  if (const auto before = from_name(last)) now = std::max(now, *before + std::chrono::nanoseconds(1));
  return to_name(now);
}

std::vector<LogFileStat> find_logs(const ns::DirectoryHandle& folder) {
  std::vector<LogFileStat> logs;
  for (const std::string& name : folder.names()) {
    struct stat status {};
    auto file = parse_log_name(name);
    if (file && ::fstatat(folder.fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(status.st_mode))
      logs.push_back({.file = std::move(*file), .inode = status.st_ino, .size = status.st_size});
  }
  std::ranges::sort(logs, {}, &LogFileStat::file);
  return logs;
}

LogFile next_rotated(const ns::DirectoryHandle& folder, std::uint64_t instance, WallTime now) {
  std::string last;
  for (const LogFileStat& log : find_logs(folder))
    if (log.file.instance == instance) last = std::max(last, log.file.rotated);
  return {.instance = instance, .rotated = rotation_time(now, last)};
}

LogCursor::LogCursor(LogFolder folder, Fd file)
    : folder_(std::move(folder)), file_(std::move(file)), inode_(inode_of(file_.get())) {
  (void)find_next(find_logs(*folder_));
}

LogCursor::LogCursor(LogFolder folder, Fd file, std::uint64_t instance)
    : folder_(std::move(folder)),
      file_(std::move(file)),
      inode_(inode_of(file_.get())),
      instance_(instance) {
  if (instance > 0) before_ = LogFile{.instance = instance - 1};
}

Result<LogCursor> LogCursor::in_newest(const LogFolder& folder, std::size_t back) {
  return open(folder, [back](const std::vector<LogFileStat>& logs) -> const LogFileStat* {
    std::vector<const LogFileStat*> firsts;
    for (const LogFileStat& log : logs)
      if (firsts.empty() || firsts.back()->file.instance != log.file.instance) firsts.push_back(&log);
    return back < firsts.size() ? firsts[firsts.size() - 1 - back] : nullptr;
  });
}

Result<LogCursor> LogCursor::next() {
  return open(folder_, [this](const std::vector<LogFileStat>& logs) { return find_next(logs); });
}

// Opens the file that `choose` selects. A listing may miss a file that is being renamed, so two listings must agree.
Result<LogCursor> LogCursor::open(const LogFolder& folder, const Choice& choose) {
  if (folder->fd() < 0)
    if (const auto opened = folder->open(); !opened)
      return opened.error().number == ENOENT ? Result<LogCursor>() : std::unexpected(opened.error());
  for (std::optional<ino_t> seen;;) {
    const std::vector<LogFileStat> logs = find_logs(*folder);
    const LogFileStat* chosen = choose(logs);
    const ino_t inode = chosen == nullptr ? 0 : chosen->inode;
    if (std::exchange(seen, inode) != inode) continue;
    if (chosen == nullptr) return LogCursor();
    auto file = folder->open_file(chosen->file.name());
    if (!file && file.error().number != ENOENT && file.error().number != EINVAL) return std::unexpected(file.error());
    if (!file || inode_of(file->get()) != inode) continue;
    // Its place is that in this listing: it may be renamed or removed before the next one.
    LogCursor place(folder, std::move(*file), chosen->file.instance);
    (void)place.find_next(logs);
    return place;
  }
}

const LogFileStat* LogCursor::find_next(const std::vector<LogFileStat>& logs) {
  auto after = std::ranges::find(logs, inode_, &LogFileStat::inode);
  if (after != logs.end()) {
    instance_ = after->file.instance;
    if (!after->file.rotated.empty())
      before_ = after->file;
    else if (after != logs.begin())
      before_ = std::prev(after)->file;
    ++after;
  } else if (before_) {
    after = std::ranges::upper_bound(logs, *before_, {}, &LogFileStat::file);
  } else {
    after = logs.begin();
  }
  return after == logs.end() ? nullptr : &*after;
}

}  // namespace podrun::supervisor

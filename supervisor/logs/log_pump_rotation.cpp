// Rotation of a log file, and dropping of lines that cannot be written; log_pump.hpp describes both.
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "supervisor/logs/log_files.hpp"
#include "supervisor/logs/log_pump.hpp"

namespace podrun::supervisor {
namespace {

// The name of the file that is rotated now: it comes after all others of the instance.
LogFile rotated_name(const ns::DirectoryHandle& folder, std::uint64_t instance, WallTime now) {
  std::string last;
  for (const LogFileStat& log : find_logs(folder))
    if (log.file.instance == instance) last = std::max(last, log.file.rotated);
  return {.instance = instance, .rotated = rotation_time(now, last)};
}

}  // namespace

Result<> LogPump::rotate() {
  TRY_VOID(truncate_after(committed_));
  if (!has_name()) return replace_file();
  const std::string rotated = rotated_name(*folder_, instance_, owner_.clock()).name();
  const int folder = folder_->fd();
  if (::renameat(folder, name_.c_str(), folder, rotated.c_str()) < 0)
    return fail_system(folder_->path_of(rotated));  // (a)
  const Result<> taken = replace_file();
  if (!taken) (void)::renameat(folder, rotated.c_str(), folder, name_.c_str());
  return taken;
}

// Whether the open file has the name `name_`. It does not after step (a), or if another program renamed or removed it.
bool LogPump::has_name() const {
  struct stat held {
  }, named{};
  return ::fstat(descriptors_.file.get(), &held) == 0 &&
         ::fstatat(folder_->fd(), name_.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         held.st_dev == named.st_dev && held.st_ino == named.st_ino;
}

// Performs (b) and (c).
Result<> LogPump::replace_file() {
  Fd file = TRY(create_log_file(*folder_, name_));
  std::swap(descriptors_.file, file);
  if (auto kept = owner_.keep(descriptors_); !kept) {
    std::swap(descriptors_.file, file);
    return kept;
  }
  committed_ = 0;
  return {};
}

Result<> LogPump::truncate_after(off_t end) {
  struct stat now {};
  const int file = descriptors_.file.get();
  if (::fstat(file, &now) < 0 || (now.st_size > end && ::ftruncate(file, end) < 0))
    return fail_system("cannot cut a container's log");
  return {};
}

Result<> LogPump::drop(std::string_view raw, const Error& reason) {
  trouble_ = reason;
  (void)truncate_after(committed_);  // a part of a record would be read as a whole one
  if (raw.empty()) return {};
  if (!descriptors_.drops) {
    descriptors_.drops = TRY(create_dropped_lines());
    TRY_VOID(owner_.keep(descriptors_));
  }
  drops_.lines += count_lines(raw);
  drops_.number = reason.number;
  drops_.counted = 1;
  TRY_VOID(write_dropped_lines(descriptors_.drops, drops_));
  return finish_drop(raw.size());
}

Result<> LogPump::finish_drop(std::size_t bytes) {
  TRY_VOID(commit(bytes));
  drops_.counted = 0;
  return write_dropped_lines(descriptors_.drops, drops_);
}

}  // namespace podrun::supervisor

// Rotation of a log file, and dropping of lines that cannot be written; log_pump.hpp describes both.
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "supervisor/logs/log_files.hpp"
#include "supervisor/logs/log_pump.hpp"

namespace podrun::supervisor {

Result<> LogPump::rotate() {
  if (!has_name()) return replace_file();
  TRY_VOID(truncate_after(committed_));
  TRY_VOID(owner_.keep(descriptors_));  // an error: it has no room for the next file either
  const std::string rotated = next_rotated(*folder_, instance_, owner_.clock()).name();
  const int folder = folder_->fd();
  if (::renameat(folder, name_.c_str(), folder, rotated.c_str()) < 0)
    return fail_system(folder_->path_of(rotated));  // (a)
  const Result<> taken = make_next_file();
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

// Replaces a file that does not have its name. What follows is written to the new one, so nothing of it may be left in
// the former one.
Result<> LogPump::replace_file() {
  TRY_VOID(truncate_after(committed_));
  TRY_VOID(owner_.keep(descriptors_));
  return make_next_file();
}

// Performs (b) and (c).
Result<> LogPump::make_next_file() {
  Fd file = TRY(create_log_file(*folder_, name_));
  std::swap(descriptors_.file, file);
  if (auto kept = owner_.keep(descriptors_); !kept) {
    std::swap(descriptors_.file, file);
    (void)::unlinkat(folder_->fd(), name_.c_str(), 0);  // it is empty; a reader that sees it leaves the former one
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
  if (!descriptors_.drops) descriptors_.drops = TRY(create_dropped_lines());
  // While the pause has no room for the count, it lives as long as this supervisor.
  if (!holds_drops_) holds_drops_ = owner_.keep(descriptors_).has_value();
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

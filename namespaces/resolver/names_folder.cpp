// The folder in which pods publish their names.
#include "namespaces/resolver/names_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "namespaces/resolver/descriptor.hpp"

namespace podrun::resolver {
namespace {

/// Two changes within a tick of the kernel's clock, at most 10 ms, have the same time.
constexpr std::int64_t longest_tick = 20'000'000;

std::int64_t nanoseconds(const timespec& time) { return time.tv_sec * 1'000'000'000 + time.tv_nsec; }

bool is_same(const timespec& one, const timespec& other) { return nanoseconds(one) == nanoseconds(other); }

/// Temporary files, and what is no <namespace>_<name>, are not read.
bool is_file_name(std::string_view name) {
  return !name.starts_with('.') && name.contains('_') && std::ranges::none_of(name, [](char c) { return c <= ' '; });
}

/// Reads a whole file of `size` bytes. Empty: it has not that many.
std::optional<std::string> read_whole(int file, std::size_t size) {
  std::string text(size, '\0');
  std::size_t at = 0;
  while (at < size) {
    const ssize_t length = ::read(file, text.data() + at, size - at);
    if (length <= 0) return std::nullopt;
    at += static_cast<std::size_t>(length);
  }
  return text;
}

}  // namespace

NamesFolder::NamesFolder(int folder) : folder_(folder), listing_(::fdopendir(::fcntl(folder, F_DUPFD_CLOEXEC, 0))) {}

NamesFolder::~NamesFolder() {
  if (listing_ != nullptr) ::closedir(listing_);
}

void NamesFolder::update(PublishedPods& pods) {
  struct stat status {};
  timespec now{};
  if (::fstat(folder_, &status) < 0 || (is_settled_ && is_same(status.st_mtim, seen_))) return;
  ::clock_gettime(CLOCK_REALTIME, &now);
  seen_ = status.st_mtim;
  // Where the clock was set back, the folder is from the future, and is read at each query until it is not.
  is_settled_ = nanoseconds(now) - nanoseconds(seen_) > longest_tick;
  read_folder(pods);
}

void NamesFolder::read_folder(PublishedPods& pods) {
  if (listing_ == nullptr) return;
  for (auto& [name, file] : files_) file.is_there = false;
  ::rewinddir(listing_);
  std::vector<std::string> names;
  while (names.size() < most_files) {
    const dirent* const entry = ::readdir(listing_);
    if (entry == nullptr) break;
    if (is_file_name(entry->d_name)) names.emplace_back(entry->d_name);
  }
  // What is gone makes room first.
  for (const std::string& name : names)
    if (const auto known = files_.find(name); known != files_.end()) known->second.is_there = true;
  std::erase_if(files_, [&](const auto& entry) {
    if (entry.second.is_there) return false;
    forget(entry.first, entry.second, pods);
    return true;
  });
  for (const std::string& name : names) read_one(name, pods);
}

void NamesFolder::forget(const std::string& name, const File& file, PublishedPods& pods) {
  if (pods.erase(name) != 0) bytes_ -= file.size;
}

void NamesFolder::read_one(const std::string& name, PublishedPods& pods) {
  struct stat status {};
  File& known = files_[name];
  if (::fstatat(folder_, name.c_str(), &status, AT_SYMLINK_NOFOLLOW) == 0 && is_same_file(known, status)) return;
  forget(name, known, pods);
  known = {};
  const Descriptor file(
      ::openat(folder_, name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file || ::fstat(file.get(), &status) < 0 || !S_ISREG(status.st_mode)) return;
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size > longest_file || bytes_ + size > most_bytes) return;  // perhaps there is room the next time
  known = {.inode = status.st_ino, .changed = status.st_ctim, .size = size};
  const auto text = read_whole(file.get(), size);
  auto pod = text ? parse(*text) : std::nullopt;
  if (!pod || file_name_of(*pod) != name) return;
  bytes_ += size;
  pods.insert_or_assign(name, std::move(*pod));
}

bool NamesFolder::is_same_file(const File& known, const struct stat& status) {
  return known.inode == status.st_ino && known.size == static_cast<std::size_t>(status.st_size) &&
         is_same(known.changed, status.st_ctim);
}

}  // namespace podrun::resolver

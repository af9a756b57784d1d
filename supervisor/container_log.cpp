// One container's log files; see container_log.hpp.
#include "supervisor/container_log.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <vector>

namespace podrun::supervisor {
namespace {

using Instance = std::uint64_t;

// "<n>.log" → n.
std::optional<Instance> instance_of(std::string_view file_name) {
  Instance number = 0;
  const char* const end = file_name.data() + file_name.size();
  const auto [rest, error] = std::from_chars(file_name.data(), end, number);
  if (error != std::errc() || std::string_view(rest, end) != ".log") return std::nullopt;
  return number;
}

// The instances that have a log in a container's directory, in order; none if it cannot be read.
std::vector<Instance> instances_in(const std::string& directory) {
  std::vector<Instance> instances;
  std::error_code error;
  std::filesystem::directory_iterator entry(directory, error);
  for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error))
    if (const auto instance = instance_of(entry->path().filename().native())) instances.push_back(*instance);
  std::ranges::sort(instances);
  return instances;
}

// Where the last LINES whole lines of a file begin.
Result<off_t> start_of_tail(int file, std::size_t lines) {
  off_t at = ::lseek(file, 0, SEEK_END);
  std::array<char, 16 * 1024> block;
  while (at > 0) {
    const std::size_t size = std::min(block.size(), static_cast<std::size_t>(at));
    at -= static_cast<off_t>(size);
    if (::pread(file, block.data(), size, at) != static_cast<ssize_t>(size))
      return fail_system("cannot read a log");
    // The last newline ends the last line; the one before the first wanted line is LINES further.
    for (std::size_t i = size; i-- > 0;)
      if (block[i] == '\n' && lines-- == 0) return at + static_cast<off_t>(i) + 1;
  }
  return 0;
}

}  // namespace

Result<bool> ContainerLog::begin(bool previous, std::optional<std::size_t> tail) {
  const std::vector<Instance> instances = instances_in(directory_);
  const std::size_t back = previous ? 2 : 1;
  if (instances.size() < back) return false;
  TRY_VOID(open(instances[instances.size() - back]));
  if (tail) offset_ = TRY(start_of_tail(file_.get(), *tail));
  return true;
}

Result<const Record*> ContainerLog::peek(bool onwards) {
  while (!record_ && !at_end_) {
    if (used_ == text_.size()) {
      TRY_VOID(read_on(onwards));
      continue;
    }
    std::string_view left = std::string_view(text_).substr(used_);
    record_ = record_or_text(cut_line(left));
    used_ = text_.size() - left.size();
  }
  return record_ ? &*record_ : nullptr;
}

Result<> ContainerLog::read_on(bool onwards) {
  // Looked for before the read: when it exists, the instance before it has written its last.
  const std::optional<Instance> next = onwards ? next_instance() : std::nullopt;
  text_ = file_ ? TRY(read_lines(file_.get(), offset_)) : "";
  offset_ += static_cast<off_t>(text_.size());
  used_ = 0;
  if (!text_.empty()) return {};
  if (next) return open(*next);
  at_end_ = true;
  return {};
}

std::optional<Instance> ContainerLog::next_instance() const {
  for (const Instance instance : instances_in(directory_))
    if (!instance_ || instance > *instance_) return instance;
  return std::nullopt;
}

Result<> ContainerLog::open(Instance instance) {
  const std::string path = directory_ + "/" + std::to_string(instance) + ".log";
  file_ = Fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (!file_) return fail_system(path);
  instance_ = instance;
  offset_ = 0;
  return {};
}

}  // namespace podrun::supervisor

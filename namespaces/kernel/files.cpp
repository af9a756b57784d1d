// Files and directories on the host's disk.
#include "namespaces/kernel/files.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <variant>

#include <fmt/format.h>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/paths/regular_file.hpp"
#include "namespaces/volumes/volumes.hpp"

namespace podrun::ns {
namespace {

Result<> make_directory(const std::string& path, mode_t mode) {
  if (::mkdir(path.c_str(), mode) == 0) {
    if (::chmod(path.c_str(), mode) < 0) return fail_system(path);  // mkdir's mode is subject to the umask
    return {};
  }
  if (errno == EEXIST) return {};
  return fail_system(path);
}

/// Much more than what a process can be given, execve(2).
constexpr std::size_t longest_in_memory = 16 << 20;

}  // namespace

Result<> make_directories(const std::string& path, mode_t mode, mode_t above) {
  const Result<> made = make_directory(path, mode);
  const std::size_t slash = path.rfind('/');
  if (made || made.error().number != ENOENT || slash == std::string::npos || slash == 0) return made;
  TRY_VOID(make_directories(path.substr(0, slash), above, above));
  return make_directory(path, mode);
}

Result<> write_file(const std::string& path, std::string_view content, mode_t mode) {
  const std::string temporary = path + ".new";
  Fd file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file) return fail_system(temporary);
  if (::fchmod(file.get(), mode) < 0) return fail_system(temporary);
  while (!content.empty()) {
    const ssize_t written = ::write(file.get(), content.data(), content.size());
    if (written < 0) return fail_system(temporary);
    content.remove_prefix(static_cast<std::size_t>(written));
  }
  if (::rename(temporary.c_str(), path.c_str()) < 0) return fail_system(path);
  return {};
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file) return fail_system(path);
  std::string text;
  // The kernel makes room, zeroed, for all that is asked of a file of /proc/sys, which is a line: so ask for less than
  // a page.
  char buffer[4000];
  for (;;) {
    const ssize_t length = ::read(file.get(), buffer, sizeof buffer);
    if (length < 0) return fail_system(path);
    if (length == 0) return text;
    text.append(buffer, static_cast<std::size_t>(length));
    if (text.size() > limit) return fail_system(path, EFBIG);
  }
}

Result<std::string> read_file_tail(const std::string& path, std::size_t most) {
  const Fd place(::open(path.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
  if (!place) return fail_system(path);
  const auto file = open_regular(place, O_RDONLY);
  if (!file) return fail(fmt::format("{}: {}", path, file.error().message), file.error().number);
  struct stat status{};
  if (::fstat(file->get(), &status) < 0) return fail_system(path);
  std::string text(std::min(most, static_cast<std::size_t>(status.st_size)), '\0');
  const off_t begin = status.st_size - static_cast<off_t>(text.size());
  const ssize_t length = ::pread(file->get(), text.data(), text.size(), begin);
  if (length < 0) return fail_system(path);
  text.resize(static_cast<std::size_t>(length));
  return text;
}

Result<> perform(const pod::file::MakeDirectory& step) {
  struct stat status{};
  const bool is_there = ::lstat(step.path.c_str(), &status) == 0;
  TRY_VOID(make_directories(step.path, step.mode));
  if (is_there || step.group == 0) return {};
  // The mode once more: a change of group may take setgid from it.
  if (::lchown(step.path.c_str(), 0, step.group) < 0 || ::chmod(step.path.c_str(), step.mode) < 0)
    return fail_system(step.path);
  return {};
}

Result<> perform(const pod::file::Write& step) { return write_file(step.path, step.content, step.mode); }

Result<> perform(const pod::FileStep& step) {
  return std::visit([](const auto& each) { return perform(each); }, step);
}

Result<Fd> file_in_memory(const std::string& name, std::string_view text) {
  Fd file(::memfd_create(name.c_str(), MFD_CLOEXEC));
  if (!file) return fail_system("memfd_create");
  while (!text.empty()) {
    const ssize_t written = ::write(file.get(), text.data(), text.size());
    if (written < 0) return fail_system(name);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return file;
}

Result<std::string> read_file_in_memory(pid_t holder, const std::string& name) {
  const std::string folder = fmt::format("/proc/{}/fd", holder), target = fmt::format("/memfd:{} (deleted)", name);
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code closed;
    if (std::filesystem::read_symlink(entry->path(), closed) == target)
      return read_file(entry->path().string(), longest_in_memory);
  }
  return fail(fmt::format("{}: nothing in memory is called {}", folder, name), error ? error.value() : ENOENT);
}

}  // namespace podrun::ns

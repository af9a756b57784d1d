// Files and directories on the host's disk.
#include "namespaces/kernel/files.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>

#include <fmt/format.h>

#include "namespaces/kernel/fd.hpp"

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

/// Much more than all manifests of a pod together can have.
constexpr std::size_t longest_in_memory = 256 << 20;

/// The name of the file in memory to which a link of /proc/PID/fd leads; "" if it leads to something else.
std::string name_in_memory(const std::string& link) {
  constexpr std::string_view prefix = "/memfd:", suffix = " (deleted)";
  char target[256];
  const ssize_t length = ::readlink(link.c_str(), target, sizeof target);
  std::string_view name(target, length < 0 ? 0 : static_cast<std::size_t>(length));
  if (!name.starts_with(prefix) || !name.ends_with(suffix)) return "";
  name.remove_prefix(prefix.size());
  name.remove_suffix(suffix.size());
  return std::string(name);
}

/// Opens a file in memory by a link of /proc/PID/fd. Empty if what is there is none, has another name, or lacks the
/// seals: the holder may have closed the descriptor, and given its number to a pipe, whose open blocks and whose bytes
/// are another's. So the link is opened with O_PATH, which opens nothing, and what it has found is looked at.
Fd open_in_memory(const std::string& link, const std::string& name, Seals required) {
  const Fd found(::open(link.c_str(), O_PATH | O_CLOEXEC));
  if (!found) return {};
  struct stat status {};
  if (::fstat(found.get(), &status) < 0 || !S_ISREG(status.st_mode)) return {};
  const std::string own_link = fmt::format("/proc/self/fd/{}", found.get());
  if (name_in_memory(own_link) != name) return {};
  Fd file(::open(own_link.c_str(), O_RDONLY | O_CLOEXEC));
  const int seals = file ? ::fcntl(file.get(), F_GET_SEALS) : -1;
  if (seals < 0 || (required == Seals::Required && (seals & F_SEAL_WRITE) == 0)) return {};
  return file;
}

/// Opens the files in memory of which a process has descriptors; if a name is given, only the first that has it.
Result<FilesInMemory> open_in_memory_of(pid_t holder, Seals seals, const std::string* only = nullptr) {
  FilesInMemory files;
  const std::string folder = fmt::format("/proc/{}/fd", holder);
  std::error_code error;
  for (std::filesystem::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    const std::string& link = entry->path().native();
    std::string name = name_in_memory(link);
    if (name.empty() || (only != nullptr && name != *only)) continue;
    Fd file = open_in_memory(link, name, seals);
    if (!file) continue;
    files.emplace(std::move(name), std::move(file));
    if (only != nullptr) return files;
  }
  if (error) return fail_system(folder, error.value());
  return files;
}

}  // namespace

Result<> make_directories(const std::string& path, mode_t mode, mode_t above) {
  const Result<> made = make_directory(path, mode);
  const std::size_t slash = path.rfind('/');
  if (made || made.error().number != ENOENT || slash == std::string::npos || slash == 0) return made;
  TRY_VOID(make_directories(path.substr(0, slash), above, above));
  return make_directory(path, mode);
}

Result<> write_all(int file, std::string_view text, const std::string& name) {
  while (!text.empty()) {
    const ssize_t written = ::write(file, text.data(), text.size());
    if (written < 0) return fail_system(name);
    text.remove_prefix(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::string> read_all(int file, const std::string& name, std::size_t limit) {
  std::string text;
  // For a read of a file of /proc/sys, whose text is a line, the kernel allocates and zeroes as many bytes as are asked
  // for: so it is less than a page.
  char buffer[4000];
  for (;;) {
    const ssize_t length = ::read(file, buffer, sizeof buffer);
    if (length < 0) return fail_system(name);
    if (length == 0) return text;
    text.append(buffer, static_cast<std::size_t>(length));
    if (text.size() > limit) return fail_system(name, EFBIG);
  }
}

Result<> write_file(const std::string& path, std::string_view content, mode_t mode) {
  const std::string temporary = path + ".new";
  Fd file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, mode));
  if (!file) return fail_system(temporary);
  if (::fchmod(file.get(), mode) < 0) return fail_system(temporary);
  TRY_VOID(write_all(file.get(), content, temporary));
  if (::rename(temporary.c_str(), path.c_str()) < 0) return fail_system(path);
  return {};
}

Result<std::string> read_file(const std::string& path, std::size_t limit) {
  const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOCTTY));
  if (!file) return fail_system(path);
  return read_all(file.get(), path, limit);
}

Result<Fd> empty_file_in_memory(const std::string& name) {
  constexpr unsigned noexec_seal = 8;  // MFD_NOEXEC_SEAL, which the C library of Debian 12 does not have
  constexpr unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
  Fd file(::memfd_create(name.c_str(), flags | noexec_seal));
  if (!file && errno == EINVAL) file = Fd(::memfd_create(name.c_str(), flags));  // before Linux 6.3
  if (!file) return fail_system("memfd_create");
  return file;
}

Result<Fd> file_in_memory(const std::string& name, std::string_view text) {
  Fd file = TRY(empty_file_in_memory(name));
  TRY_VOID(write_all(file.get(), text, name));
  if (::fcntl(file.get(), F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
    return fail_system("the seals of " + name);
  return file;
}

Result<FilesInMemory> files_in_memory(pid_t holder) { return open_in_memory_of(holder, Seals::Required); }

Result<Fd> open_file_in_memory(pid_t holder, const std::string& name, Seals seals) {
  FilesInMemory files = TRY(open_in_memory_of(holder, seals, &name));
  if (files.empty())
    return fail(fmt::format("process {} has no file in memory that is called {}", holder, name), ENOENT);
  return std::move(files.begin()->second);
}

Result<std::string> read_file_in_memory(const Fd& file, const std::string& name) {
  return read_all(file.get(), name, longest_in_memory);
}

}  // namespace podrun::ns

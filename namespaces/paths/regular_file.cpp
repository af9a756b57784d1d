// Regular files in places where an image or a container may have put anything.
#include "namespaces/paths/regular_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <fmt/format.h>

namespace podrun::ns {

Result<Fd> open_regular(const Fd& place, int flags) {
  struct stat status{};
  if (::fstat(place.get(), &status) < 0) return fail_system("open");
  if (!S_ISREG(status.st_mode)) return fail("it is not a regular file", EINVAL);
  Fd file(::open(fmt::format("/proc/self/fd/{}", place.get()).c_str(), flags | O_NONBLOCK | O_NOCTTY | O_CLOEXEC));
  if (!file) return fail_system("open");
  return file;
}

Result<std::string> read_regular(const Fd& place, std::size_t limit) {
  const Fd file = TRY(open_regular(place, O_RDONLY));
  struct stat status{};
  if (::fstat(file.get(), &status) < 0) return fail_system("read");
  // The read asks for one byte more than the file has, which shows its end; it may grow meanwhile.
  std::string text;
  std::size_t length = 0, room = std::min(limit, static_cast<std::size_t>(status.st_size)) + 1;
  for (;;) {
    text.resize(room);
    const ssize_t more = ::pread(file.get(), text.data() + length, text.size() - length, static_cast<off_t>(length));
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) return fail_system("read");
    length += static_cast<std::size_t>(more);
    if (length > limit) return fail(fmt::format("it has more than {} KiB", limit >> 10), EFBIG);
    if (more == 0) break;
    if (length == room) room = std::min(2 * room, limit + 1);
  }
  text.resize(length);
  return text;
}

Result<std::string> read_regular_file(const std::string& path, std::size_t limit) {
  const Fd place(::open(path.c_str(), O_PATH | O_CLOEXEC));
  if (!place) return fail_system(path);
  auto text = read_regular(place, limit);
  if (!text) return fail(path + ": " + text.error().message, text.error().number);
  return text;
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

}  // namespace podrun::ns

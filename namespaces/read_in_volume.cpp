// A file in a volume.
#include "namespaces/read_in_volume.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include <fmt/format.h>

#include "namespaces/fd.hpp"
#include "namespaces/mounts.hpp"
#include "namespaces/target.hpp"

namespace podrun::ns {
namespace {

/// It may grow meanwhile.
Result<std::string> read_at_most(int file, std::size_t limit) {
  std::string text(limit + 1, '\0');
  std::size_t length = 0;
  while (length < text.size()) {
    const ssize_t more = ::pread(file, text.data() + length, text.size() - length, static_cast<off_t>(length));
    if (more < 0 && errno == EINTR) continue;
    if (more < 0) return fail_system("read");
    if (more == 0) break;
    length += static_cast<std::size_t>(more);
  }
  if (length > limit) return fail(fmt::format("it has more than {} KiB", limit >> 10), EFBIG);
  text.resize(length);
  return text;
}

}  // namespace

Result<std::optional<std::string>> read_in_volume(const pod::host::CloneTree& volume, const std::string& path, std::size_t limit,
                                                  const PodMounts& pod) {
  const Fd tree = TRY(clone_tree(volume, pod));
  const Fd place(open_inside(tree.get(), path.c_str(), O_PATH));
  if (!place && errno == ENOENT) return std::nullopt;
  struct stat status{};
  if (!place || ::fstat(place.get(), &status) < 0) return fail_system("open");
  if (!S_ISREG(status.st_mode)) return fail("it is no regular file", EINVAL);
  const Fd file(::open(fmt::format("/proc/self/fd/{}", place.get()).c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  if (!file) return fail_system("open");
  return TRY(read_at_most(file.get(), limit));
}

}  // namespace podrun::ns

// Opens a part of a volume so that nothing in the volume can lead out of it.
#include "namespaces/paths/sub_path.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <string_view>

#include "namespaces/kernel/syscalls.hpp"
#include "namespaces/paths/open_inside.hpp"

namespace podrun::ns {
namespace {

// A process with the same volume may swap entries at any time, so that an attempt fails and the next one succeeds. The
// ctime of a directory, which no process can set back, tells whether that is possible.
constexpr auto recently = std::chrono::seconds(1);
constexpr auto timeout = std::chrono::milliseconds(200);
constexpr timespec pause{.tv_sec = 0, .tv_nsec = 100'000};

bool may_have_been_swapped(const Error& error) {
  return error.number == ENOENT || error.number == ELOOP || error.number == ENOTDIR || error.number == EXDEV;
}

std::chrono::nanoseconds now(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

bool has_changed_recently(int directory) {
  struct stat status{};
  if (::fstat(directory, &status) < 0) return false;
  return now(CLOCK_REALTIME) - std::chrono::seconds(status.st_ctim.tv_sec) -
             std::chrono::nanoseconds(status.st_ctim.tv_nsec) <
         recently;
}

/// Makes a directory in `parent` with the mode and owner of the volume, unless an entry of that name exists. It goes by
/// descriptor, because a process that can write to the volume may replace the entry.
Result<> make_directory(int volume, int parent, const std::string& name) {
  struct stat own{};
  if (::fstat(volume, &own) < 0) return fail_system("volume");
  if (::mkdirat(parent, name.c_str(), 0700) < 0) return errno == EEXIST ? Result<>{} : fail_system(name);
  const Fd made(::openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
  if (!made) return fail_system(name);
  if (::fchown(made.get(), own.st_uid, own.st_gid) < 0 || ::fchmod(made.get(), own.st_mode & 07777) < 0)
    return fail_system(name);
  return {};
}

Result<Fd> opened(int volume, const std::string& path) {
  Fd fd(open_inside(volume, path.c_str(), O_PATH));
  if (!fd) return fail_system(path);
  return fd;
}

/// Opens one component: a directory by the descriptor of its parent, which cannot be swapped any more; a link or ".."
/// by its path in the volume.
Result<Fd> enter(int volume, int parent, const std::string& name, const std::string& path) {
  if (name == "..") return opened(volume, path);
  for (const bool make : {true, false}) {
    Fd next(sys::openat2(parent, name.c_str(), O_PATH, RESOLVE_NO_SYMLINKS));
    if (next) return next;
    if (errno == ELOOP) return opened(volume, path);
    if (errno != ENOENT) return fail_system(path);
    if (make) TRY_VOID(make_directory(volume, parent, name));
  }
  return fail_system(path, ENOENT);
}

Result<Fd> make(int volume, const std::string& path) {
  std::string prefix = ".";
  Fd parent = TRY(opened(volume, prefix));
  for (std::string_view rest = path; !rest.empty();) {
    const std::string name(rest.substr(0, rest.find('/')));
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
    if (name.empty() || name == ".") continue;
    prefix += "/" + name;
    auto next = enter(volume, parent.get(), name, prefix);
    if (!next && next.error().number == ENOENT) return fail_system(prefix + ": a link", ELOOP);
    parent = TRY(std::move(next));
  }
  return parent;
}

/// Whether an entry was made, removed or renamed within the last second in one of the directories on the way.
bool has_path_changed_recently(int volume, const std::string& path) {
  if (has_changed_recently(volume)) return true;
  for (std::size_t end = path.find('/'); end != path.npos; end = path.find('/', end + 1)) {
    const auto directory = opened(volume, path.substr(0, end));
    if (directory && has_changed_recently(directory->get())) return true;
  }
  return false;
}

}  // namespace

Result<Fd> open_sub_path(int volume, const std::string& path, bool make_it) {
  const auto deadline = now(CLOCK_MONOTONIC) + timeout;
  for (;;) {
    auto there = opened(volume, path);
    if (!there && there.error().number == ENOENT && make_it) there = make(volume, path);
    if (there || !may_have_been_swapped(there.error())) return there;
    if (!has_path_changed_recently(volume, path) || now(CLOCK_MONOTONIC) > deadline) return there;
    ::nanosleep(&pause, nullptr);
  }
}

}  // namespace podrun::ns

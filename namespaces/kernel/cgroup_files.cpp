// The files and folders of control groups: reading, killing, removing.
#include "namespaces/kernel/cgroup_files.hpp"

#include <dirent.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <memory>

namespace podrun::ns {
namespace {

using Clock = std::chrono::steady_clock;

/// When cgroup.events is read again although nothing has raised POLLPRI. The kernel notifies at most once in 10 ms, and
/// drops what it owes when the group is removed, which another process may do.
constexpr std::chrono::milliseconds look_again{100};

/// Waits until a group is empty; every change of cgroup.events raises POLLPRI.
Result<> wait_until_empty(int group, Clock::time_point deadline) {
  const Fd events = TRY(open_events(group));
  while (!TRY(is_empty(events))) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) return fail("processes are left in the pod's cgroup that cannot be killed", ETIMEDOUT);
    pollfd changed{events.get(), POLLPRI, 0};
    ::poll(&changed, 1, static_cast<int>(std::min(left, look_again).count()));
  }
  return {};
}

Result<> end_groups_once(int parent, const std::string& name, Clock::time_point deadline) {
  const Fd group(::openat(parent, name.c_str(), directory_flags));
  if (!group) return fail_system("cgroup " + name);
  TRY_VOID(write_file(group.get(), "cgroup.kill", "1"));
  TRY_VOID(wait_until_empty(group.get(), deadline));
  return remove_groups(parent, name);
}

}  // namespace

Result<> write_file(int directory, const char* name, std::string_view text) {
  Fd file(::openat(directory, name, O_WRONLY | O_CLOEXEC));
  if (!file) return fail_system(name);
  if (::write(file.get(), text.data(), text.size()) < 0) return fail_system(name);
  return {};
}

Result<Fd> make_path(int directory, const std::string& path) {
  for (std::size_t end = path.find('/');; end = path.find('/', end + 1)) {
    const std::string part = path.substr(0, end);
    if (!part.empty() && ::mkdirat(directory, part.c_str(), 0755) < 0 && errno != EEXIST)
      return fail_system("cgroup " + part);
    if (end == std::string::npos) break;
  }
  Fd group(::openat(directory, path.c_str(), directory_flags));
  if (!group) return fail_system("cgroup " + path);
  return group;
}

Result<std::vector<std::string>> children(int directory) {
  Fd copy(::openat(directory, ".", directory_flags));
  if (!copy) return fail_system("cgroup");
  const std::unique_ptr<DIR, int (*)(DIR*)> stream(::fdopendir(copy.get()), &::closedir);
  if (!stream) return fail_system("cgroup");
  copy.release();  // the stream owns it
  std::vector<std::string> names;
  while (const dirent* entry = ::readdir(stream.get()))
    if (entry->d_type == DT_DIR && entry->d_name[0] != '.') names.emplace_back(entry->d_name);
  return names;
}

Result<bool> is_empty(const Fd& events) {
  char text[256] = {};
  if (::pread(events.get(), text, sizeof text - 1, 0) < 0) return fail_system("cgroup.events");
  return std::string_view(text).find("populated 0") != std::string_view::npos;
}

Result<Fd> open_events(int group) {
  Fd events(::openat(group, "cgroup.events", O_RDONLY | O_CLOEXEC));
  if (!events) return fail_system("cgroup.events");
  return events;
}

Result<> remove_groups(int parent, const std::string& name) {
  if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0) return {};  // most have no children
  Fd group(::openat(parent, name.c_str(), directory_flags));
  if (!group) return errno == ENOENT ? Result<>{} : fail_system("cgroup " + name);
  for (const std::string& child : TRY(children(group.get()))) TRY_VOID(remove_groups(group.get(), child));
  if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) < 0 && errno != ENOENT)
    return fail_system("remove cgroup " + name);
  return {};
}

Result<> end_groups(int parent, const std::string& name, std::chrono::milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  for (;;) {
    const Result<> ended = end_groups_once(parent, name, deadline);
    if (!ended && is_of_removed(ended.error().number)) return {};
    // EBUSY: a command of exec got its group meanwhile.
    if (ended || ended.error().number != EBUSY || Clock::now() > deadline) return ended;
  }
}

}  // namespace podrun::ns

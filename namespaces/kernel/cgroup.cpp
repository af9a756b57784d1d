// The control groups of one pod, on cgroup2, by descriptor.
#include "namespaces/kernel/cgroup.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <sstream>
#include <string_view>

#include <fmt/format.h>

#include "namespaces/kernel/files.hpp"
#include "namespaces/kernel/syscalls.hpp"

namespace podrun::ns {
namespace {

constexpr int directory_flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;

Result<> write_file(int directory, const char* name, std::string_view text) {
  Fd file(::openat(directory, name, O_WRONLY | O_CLOEXEC));
  if (!file) return fail_system(name);
  if (::write(file.get(), text.data(), text.size()) < 0) return fail_system(name);
  return {};
}

/// Opens DIRECTORY/PATH and makes what is missing of it.
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

/// Whether the file cgroup.events of a group says that no process is in it or below it.
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

/// Removes a group and its children with rmdir(2), deepest first.
Result<> remove_groups(int parent, const std::string& name) {
  if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) == 0) return {};  // most have no children
  Fd group(::openat(parent, name.c_str(), directory_flags));
  if (!group) return errno == ENOENT ? Result<>{} : fail_system("cgroup " + name);
  for (const std::string& child : TRY(children(group.get()))) TRY_VOID(remove_groups(group.get(), child));
  if (::unlinkat(parent, name.c_str(), AT_REMOVEDIR) < 0 && errno != ENOENT)
    return fail_system("remove cgroup " + name);
  return {};
}

/// Whether an errno says that a group was removed.
bool is_of_removed(int error) { return error == ENOENT || error == ENODEV; }

Result<> end_groups_once(int parent, const std::string& name, Clock::time_point deadline) {
  const Fd group(::openat(parent, name.c_str(), directory_flags));
  if (!group) return fail_system("cgroup " + name);
  TRY_VOID(write_file(group.get(), "cgroup.kill", "1"));
  TRY_VOID(wait_until_empty(group.get(), deadline));
  return remove_groups(parent, name);
}

/// Kills what is in a group, and removes the group and its children. A missing group is no error.
Result<> end_groups(int parent, const std::string& name, std::chrono::milliseconds timeout) {
  const auto deadline = Clock::now() + timeout;
  for (;;) {
    const Result<> ended = end_groups_once(parent, name, deadline);
    if (!ended && is_of_removed(ended.error().number)) return {};
    // EBUSY: a command of exec got its group meanwhile.
    if (ended || ended.error().number != EBUSY || Clock::now() > deadline) return ended;
  }
}

constexpr char helpers_name[] = "_helpers";
constexpr std::string_view command_prefix = "cmd-";

/// Whether the descriptor is of the group that has this name, and not of a removed one.
bool is_named(const Fd& group, int parent, const std::string& name) {
  struct stat opened{}, named{};
  return ::fstat(group.get(), &opened) == 0 && ::fstatat(parent, name.c_str(), &named, AT_SYMLINK_NOFOLLOW) == 0 &&
         opened.st_ino == named.st_ino;
}

/// The mode of a command's group tells whether its client has locked it. No other client touches one that is new.
constexpr mode_t new_mode = 0700, locked_mode = 0755;

/// Whether the client of an open group has locked it, even if it was killed since.
bool was_locked(const Fd& group) {
  struct stat status{};
  return group && ::fstat(group.get(), &status) == 0 && (status.st_mode & 0777) != new_mode;
}

/// Locks an open group; false if it is in use.
bool lock(const Fd& group) { return group && ::flock(group.get(), LOCK_EX | LOCK_NB) == 0; }

/// A client has the lock as long as it lives. What is not locked is of a killed one, whose monitor kills what is in it.
void remove_unused(int container) {
  struct stat status{};
  constexpr nlink_t without_children = 2;
  if (::fstat(container, &status) < 0 || status.st_nlink <= without_children) return;
  const auto names = children(container);
  if (!names) return;
  for (const std::string& name : *names) {
    if (!name.starts_with(command_prefix)) continue;
    const Fd group(::openat(container, name.c_str(), directory_flags));
    if (!was_locked(group) || !lock(group) || !is_named(group, container, name)) continue;
    if (const auto events = open_events(group.get()); events && is_empty(*events).value_or(false))
      (void)remove_groups(container, name);  // an error is ignored: the next one tries again
  }
}

std::string relative(std::string_view path) {
  while (path.starts_with('/')) path.remove_prefix(1);
  return std::string(path);
}

}  // namespace

Result<Fd> open_cgroup2(const pod::HostFacts& facts) {
  if (!facts.cgroup2_mount.empty()) {
    Fd root(::open(facts.cgroup2_mount.c_str(), directory_flags));
    if (!root) return fail_system(facts.cgroup2_mount);
    return root;
  }
  Fd context(sys::fsopen("cgroup2"));
  if (!context || sys::fsconfig_create(context.get()) < 0) return fail_system("cgroup2");
  Fd root(sys::fsmount(context.get(), MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC));
  if (!root) return fail_system("cgroup2: fsmount");
  return root;
}

std::string cgroup_base(const pod::HostFacts& facts, const std::string& instance_root) {
  std::string name = "podrun" + instance_root;
  std::ranges::replace(name, '/', '-');
  return facts.delegated ? relative(facts.own_cgroup) + "/" + name : name;
}

Result<PodCgroup> PodCgroup::create(const pod::HostFacts& facts, const std::string& base, const std::string& id) {
  Fd root = TRY(open_cgroup2(facts));
  Fd group = TRY(make_path(root.get(), base + "/" + id));
  return PodCgroup(std::move(root), base, id, std::move(group));
}

Result<PodCgroup> PodCgroup::open(const pod::HostFacts& facts, const std::string& base, const std::string& id) {
  Fd root = TRY(open_cgroup2(facts));
  Fd group(::openat(root.get(), (base + "/" + id).c_str(), directory_flags));
  if (!group) return fail_system("cgroup " + base + "/" + id);
  return PodCgroup(std::move(root), base, id, std::move(group));
}

Result<Fd> PodCgroup::container(const std::string& name) const { return make_path(group_.get(), name); }

Result<Fd> PodCgroup::helpers() const {
  if (Fd group(::openat(group_.get(), helpers_name, directory_flags)); group) return group;
  return make_path(group_.get(), helpers_name);
}

Result<CommandCgroup> PodCgroup::command(const std::string& container) const {
  Fd parent(::openat(group_.get(), container.c_str(), directory_flags));
  if (!parent) return fail_system("cgroup " + container);
  remove_unused(parent.get());
  // A privileged container may make groups here itself.
  constexpr int most = 10'000;
  // A container that sees the host's hierarchy may lock a new group first, even where it cannot write.
  constexpr int most_lost = 10;
  for (int number = 0, lost = 0; number < most && lost < most_lost; ++number) {
    const std::string name = fmt::format("{}{}", command_prefix, number);
    if (::mkdirat(parent.get(), name.c_str(), new_mode) < 0) {
      if (errno != EEXIST) return fail_system("cgroup " + container + "/" + name);
      continue;
    }
    Fd group(::openat(parent.get(), name.c_str(), directory_flags));
    if (!lock(group)) {
      ::unlinkat(parent.get(), name.c_str(), AT_REMOVEDIR);
      ++lost;
      continue;
    }
    Fd kill(::openat(group.get(), "cgroup.kill", O_WRONLY | O_CLOEXEC));
    if (!kill || ::fchmod(group.get(), locked_mode) < 0) {
      const Error error = Error::system("cgroup " + container + "/" + name + ": cgroup.kill");
      ::unlinkat(parent.get(), name.c_str(), AT_REMOVEDIR);
      return std::unexpected(error);
    }
    return CommandCgroup(std::move(parent), name, std::move(group), std::move(kill));
  }
  return fail("cgroup " + container + ": the groups of commands are made or locked by others", EBUSY);
}

void PodCgroup::remove_unused_commands(const std::string& container) const {
  if (const Fd group(::openat(group_.get(), container.c_str(), directory_flags)); group) remove_unused(group.get());
}

Result<> CommandCgroup::end(std::chrono::milliseconds timeout) const {
  if (::unlinkat(container_.get(), name_.c_str(), AT_REMOVEDIR) == 0) return {};  // nothing was left
  return end_groups(container_.get(), name_, timeout);
}

std::string PodCgroup::group_of(pid_t pid) const {
  const std::string group = fmt::format("0::/{}/{}/", base_, id_);  // "0::PATH" is cgroup2's line, cgroups(7)
  std::istringstream lines(read_file(fmt::format("/proc/{}/cgroup", pid)).value_or(""));
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with(group)) return line.substr(group.size(), line.find('/', group.size()) - group.size());
  return "";
}

Result<> PodCgroup::kill(const std::string& container) const {
  Fd group(::openat(group_.get(), container.c_str(), directory_flags));
  if (!group) return errno == ENOENT ? Result<>{} : fail_system("cgroup " + container);
  return write_file(group.get(), "cgroup.kill", "1");
}

Result<> PodCgroup::kill_all() const { return write_file(group_.get(), "cgroup.kill", "1"); }

Result<> PodCgroup::discard(const std::string& container, std::chrono::milliseconds timeout) const {
  return end_groups(group_.get(), container, timeout);
}

Result<> PodCgroup::remove(std::chrono::milliseconds timeout) const {
  Fd base(::openat(root_.get(), base_.c_str(), directory_flags));
  if (!base) return fail_system("cgroup " + base_);
  TRY_VOID(end_groups(base.get(), id_, timeout));
  ::unlinkat(root_.get(), base_.c_str(), AT_REMOVEDIR);  // ENOTEMPTY or EBUSY: it contains another pod
  return {};
}

Result<> move_to_cgroup(const pod::HostFacts& facts, const std::string& path, pid_t pid) {
  Fd root = TRY(open_cgroup2(facts));
  Fd group = TRY(make_path(root.get(), relative(path)));
  return write_file(group.get(), "cgroup.procs", std::to_string(pid));
}

Result<std::vector<std::string>> pods_with_cgroups(const pod::HostFacts& facts, const std::string& base) {
  Fd root = TRY(open_cgroup2(facts));
  Fd group(::openat(root.get(), base.c_str(), directory_flags));
  if (!group) {
    if (errno == ENOENT) return std::vector<std::string>{};
    return fail_system("cgroup " + base);
  }
  return children(group.get());
}

}  // namespace podrun::ns

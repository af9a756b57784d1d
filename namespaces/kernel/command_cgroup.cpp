// The control groups of commands in a container.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string_view>

#include <fmt/format.h>

#include "namespaces/kernel/cgroup.hpp"
#include "namespaces/kernel/cgroup_files.hpp"

namespace podrun::ns {
namespace {

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

}  // namespace

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

Result<> CommandCgroup::kill() const {
  if (::write(kill_.get(), "1", 1) < 0 && !is_of_removed(errno)) return fail_system("cgroup.kill");
  return {};
}

bool CommandCgroup::remove_if_empty() const {
  if (::unlinkat(container_.get(), name_.c_str(), AT_REMOVEDIR) == 0 || is_of_removed(errno)) return true;
  const auto events = open_events(group_.get());
  if (!events) return is_of_removed(events.error().number);
  return is_empty(*events).value_or(false) && remove_groups(container_.get(), name_).has_value();
}

Result<Fd> CommandCgroup::events() const { return open_events(group_.get()); }

Result<CommandCgroup> PodCgroup::find_command(const std::string& container, Fd group) const {
  Fd parent(::openat(group_.get(), container.c_str(), directory_flags));
  if (!parent) return fail_system("cgroup " + container);
  for (const std::string& name : TRY(children(parent.get()))) {
    if (!is_named(group, parent.get(), name)) continue;
    Fd kill(::openat(group.get(), "cgroup.kill", O_WRONLY | O_CLOEXEC));
    if (!kill) return fail_system("cgroup.kill");
    return CommandCgroup(std::move(parent), name, std::move(group), std::move(kill));
  }
  return fail_system("the control group of a command in " + container, ENOENT);
}

}  // namespace podrun::ns

// The control groups of one pod, on cgroup2, by descriptor. This works the same on pure v2, beside v1, and with a mount
// of podrun's own where the host has none. A group identifies a container's processes and allows ending all of them at
// once.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Opens the root of the cgroup2 hierarchy, as a detached mount if the host mounts none.
Result<Fd> open_cgroup2(const pod::HostFacts& facts);

/// The path of the parent of all pods' groups, below that root: "podrun", or "<the unit's group>/podrun" if a group was
/// delegated. A second instance (--root /srv/test) has a parent of its own: "podrun-srv-test".
std::string cgroup_base(const pod::HostFacts& facts, const std::string& instance_root);

/// The group of one command in a container, CONTAINER/cmd-N: all that the command starts is in it, in whatever session
/// or namespace, and ends with it. Only who can write the host's cgroup hierarchy can leave it: a privileged container, or
/// one with a hostPath there. The group is new, because a group is not used again once it was killed: see
/// PodCgroup::discard().
class CommandCgroup {
 public:
  /// The descriptor for CLONE_INTO_CGROUP. As long as a copy of it is open, the group is in use: it has a lock, flock(2).
  int group() const { return group_.get(); }
  /// Its file cgroup.kill, open for writing: "1" kills every process in the group.
  int kill_file() const { return kill_.get(); }

  /// Kills what the command has left, waits at most `timeout` until nothing is left, and removes the group. It is no
  /// error if the container's group was removed meanwhile.
  Result<> end(std::chrono::milliseconds timeout) const;

  /// Kills what is in the group, and does not wait.
  Result<> kill() const;
  /// Removes the group if nothing is in it, and returns whether it is gone.
  bool remove_if_empty() const;
  /// Its file cgroup.events: POLLPRI says that the group may be empty.
  Result<Fd> events() const;

 private:
  friend class PodCgroup;
  CommandCgroup(Fd container, std::string name, Fd group, Fd kill)
      : container_(std::move(container)), name_(std::move(name)), group_(std::move(group)), kill_(std::move(kill)) {}

  Fd container_;
  std::string name_;
  Fd group_;
  Fd kill_;
};

/// The groups of one pod:
///
///   BASE/<pod id>                  no process, so that controllers can be enabled for the groups below
///   BASE/<pod id>/<container>      the container
///   BASE/<pod id>/<container>/cmd-N  a command of exec or debug, a probe or a hook in it
///   BASE/<pod id>/_helpers         podrun's own: the pod's init, monitors, helpers. No container can have this name
///
/// cgroups(7) allows no process in a group that enables controllers for the groups below it. A container's group enables
/// none: a container's limits are its group's own, and also apply to its commands. So the container's processes may be in
/// it although there are groups below it.
class PodCgroup {
 public:
  /// Makes BASE/ID and its missing parents.
  static Result<PodCgroup> create(const pod::HostFacts& facts, const std::string& base, const std::string& id);
  /// Opens the groups of a pod that exist. Error ENOENT: there are none.
  static Result<PodCgroup> open(const pod::HostFacts& facts, const std::string& base, const std::string& id);

  /// Makes or opens a container's group, as a descriptor for CLONE_INTO_CGROUP.
  Result<Fd> container(const std::string& name) const;

  /// Makes a group for a command in a running container, and removes those that killed clients have left. Error ENOENT
  /// or ENODEV: the container has no group, or that is being removed. EBUSY: others, such as the container itself, lock
  /// each new group first.
  Result<CommandCgroup> command(const std::string& container) const;

  /// The group of a command in a container, from the descriptor that a former supervisor had: CommandCgroup::group().
  /// Error ENOENT: it was removed.
  Result<CommandCgroup> find_command(const std::string& container, Fd group) const;

  /// Removes the groups of commands in a container whose clients were killed. Those that are in use stay.
  void remove_unused_commands(const std::string& container) const;

  /// The descriptor of the pod's own group, the parent of all others. The pod's cgroup namespace is rooted at it.
  int group() const { return group_.get(); }

  /// Makes or opens the group of podrun's own processes in the pod, which is removed with the pod's.
  Result<Fd> helpers() const;

  /// The container that a process, also a zombie, belongs to; another name if it is a helper; "" if it is not below the
  /// pod's group.
  std::string group_of(pid_t pid) const;

  /// Sends SIGKILL to every process in a container's group: cgroup.kill, Linux 5.14. A missing group is no error.
  Result<> kill(const std::string& container) const;

  /// Sends SIGKILL to every process of the pod.
  Result<> kill_all() const;

  /// Kills what is left in a container's group and removes the group; container() then makes it anew. Without that,
  /// Linux (6.18) kills every process that is born by CLONE_INTO_CGROUP into a group to which cgroup.kill was once
  /// written, because it compares the kill counts of two different groups.
  Result<> discard(const std::string& container, std::chrono::milliseconds timeout) const;

  /// Kills everything in the pod, waits at most `timeout` until nothing is left, and removes all groups, and BASE as
  /// well if it contains no other pod.
  Result<> remove(std::chrono::milliseconds timeout) const;

 private:
  PodCgroup(Fd root, std::string base, std::string id, Fd group)
      : root_(std::move(root)), base_(std::move(base)), id_(std::move(id)), group_(std::move(group)) {}

  Fd root_;
  std::string base_;
  std::string id_;
  Fd group_;
};

/// How many processes of a group the kernel has killed for want of memory. 0 also where the host does not count them for
/// this group: there is no memory controller on cgroup2.
std::uint64_t oom_kills(const Fd& group);

/// Moves a process into the group `path`: writes cgroup.procs. This costs an RCU grace period (10 ms), so it is never
/// done while a start waits for it.
Result<> move_to_cgroup(const pod::HostFacts& facts, const std::string& path, pid_t pid);

/// The ids of the pods that have groups below BASE.
Result<std::vector<std::string>> pods_with_cgroups(const pod::HostFacts& facts, const std::string& base);

}  // namespace podrun::ns

// Control groups of one pod, on cgroup2, by descriptor: works the same on pure v2, beside v1, and with a private mount
// where the host has none. They give a container its identity and a way to end all of it at once.
#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/spec/host_facts.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// A descriptor of the cgroup2 hierarchy's root, a detached mount of it if the host mounts none.
Result<Fd> open_cgroup2(const pod::HostFacts& facts);

/// Where pods' groups lie below that root: "podrun", or "<the unit's group>/podrun" when it was delegated. A second
/// instance (--root /srv/test) has a place of its own: "podrun-srv-test".
std::string cgroup_base(const pod::HostFacts& facts, const std::string& instance_root);

/// One pod's groups: BASE/<pod id>/<container>, and BASE/<pod id>/_helpers, which is no container's name.
class PodCgroup {
 public:
  /// Makes BASE/ID and its missing parents.
  static Result<PodCgroup> create(const pod::HostFacts& facts, const std::string& base, const std::string& id);
  /// Opens it if it exists; error ENOENT otherwise.
  static Result<PodCgroup> open(const pod::HostFacts& facts, const std::string& base, const std::string& id);

  /// Makes (or finds) a container's group, as a descriptor for CLONE_INTO_CGROUP.
  Result<Fd> container(const std::string& name) const;

  /// Opens the group of a container that runs; error ENOENT if it has none.
  Result<Fd> existing(const std::string& container) const;

  /// The pod's own group, above its containers': where its init lies.
  int group() const { return group_.get(); }

  /// Makes (or finds) the group of the supervisor's short-lived helpers, which ends with the pod's.
  Result<Fd> helpers() const;

  /// The container that a process belongs to, also as a zombie; another name for a helper; "" for one that is not below
  /// the pod's group.
  std::string group_of(pid_t pid) const;

  /// SIGKILL to every process in one container's group: cgroup.kill, Linux 5.14. None there is no error.
  Result<> kill(const std::string& container) const;

  /// The same to every process of the pod, in the very group that this was made for.
  Result<> kill_all() const;

  /// Ends what is left in a container's group, and removes the group: container() then makes it anew. For Linux kills
  /// whatever is born by CLONE_INTO_CGROUP into a group that cgroup.kill was once written to (6.18: it compares the
  /// kill counts of two different groups).
  Result<> discard(const std::string& container, std::chrono::milliseconds timeout) const;

  /// Kills everything in the pod, waits until nothing is left (at most `timeout`), and removes all groups, and BASE
  /// too if it holds no other pod.
  Result<> remove(std::chrono::milliseconds timeout) const;

 private:
  PodCgroup(Fd root, std::string base, std::string id, Fd group)
      : root_(std::move(root)), base_(std::move(base)), id_(std::move(id)), group_(std::move(group)) {}

  Fd root_;
  std::string base_;
  std::string id_;
  Fd group_;
};

/// Moves a process there: writes cgroup.procs. Costs an RCU grace period (10 ms), so never on a start's path.
Result<> move_to_cgroup(const pod::HostFacts& facts, const std::string& path, pid_t pid);

/// The ids of the pods that have groups below BASE.
Result<std::vector<std::string>> pods_with_cgroups(const pod::HostFacts& facts, const std::string& base);

}  // namespace podrun::ns

// The pod's sandbox as its supervisor uses it: the pause's process, the namespaces and mounts that it holds, and the
// pod's control group.
#pragma once

#include <optional>
#include <string>

#include "namespaces/kernel/cgroup.hpp"
#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"
#include "namespaces/launch/make_namespace.hpp"
#include "namespaces/launch/pause_client.hpp"
#include "namespaces/volumes/memory_volumes.hpp"
#include "pod/text/result.hpp"
#include "supervisor/health/make_command.hpp"
#include "supervisor/engine/pod_context.hpp"

namespace podrun::supervisor {

/// Moves the descriptor of that name out of the holdings; empty if there is none.
Fd take_hold(ns::Holdings& holdings, std::string_view name);

/// The sandbox of one pod. A later supervisor finds it as the former one left it, and makes what is missing.
class Sandbox {
 public:
  explicit Sandbox(PodContext& pod);

  /// Opens the pause's process, which the record names.
  Result<> connect();
  Result<> make_cgroup();
  /// Has the pause perform the sandbox steps that were not performed yet, and returns at once.
  Result<> request(const ns::Holdings& holdings);
  /// Waits for them, and takes what they have made, now or for a former supervisor.
  Result<> await(ns::Holdings& holdings);

  /// The pause, by its pidfd.
  int pause() const { return pause_.get(); }
  ns::PodMounts mounts() const { return {.pause = pause_.get(), .cells = cells_.get()}; }
  /// The pod's control group; only after make_cgroup().
  const ns::PodCgroup& cgroup() const { return *cgroup_; }
  bool has_cgroup() const { return cgroup_.has_value(); }
  /// The pod's init; without a process if it has none.
  const ns::Process& init() const { return init_; }
  /// Namespaces that several containers use.
  ns::HeldNamespaces& namespaces() { return namespaces_; }
  /// The network namespace of the pod, or of a container that has one which the pause holds. A new descriptor.
  Result<Fd> network_of(const std::string& container);
  /// podrun-entry, for containers that join a PID namespace; -1: it could not be opened, or no container needs it.
  int entry_program() const { return entry_program_.get(); }
  /// What commands in containers need. Error: podrun-entry could not be opened.
  Result<CommandSite> command_site();

 private:
  Result<> find_init(Fd pidfd);
  void migrate_from_old_pause(const ns::Holdings& holdings);

  PodContext& pod_;
  Fd pause_;
  Fd entry_program_;
  Fd empty_root_;  ///< CommandSite::empty_root, once a command has needed it
  Fd cells_;
  ns::Process init_;
  ns::HeldNamespaces namespaces_;
  std::optional<ns::PodCgroup> cgroup_;
};

}  // namespace podrun::supervisor

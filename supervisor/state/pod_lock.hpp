// Which pods run: told by their locks, never by a pid.
#pragma once

#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// The ids of all run directories, sorted.
std::vector<std::string> known_pods(const Layout& layout);

/// Whether the pod's pause holds its lock.
bool is_running(const Layout& layout, const std::string& id);

/// Writes the pod's uid into its lock, which the caller holds: before there is anything on disk that bears the uid.
Result<> write_lock_uid(const Fd& lock, const std::string& uid);

/// The uid of a pod that runs, by its lock, or else by its state. Empty if neither can be read: it may be about to
/// start.
std::string uid_of_running(const Layout& layout, const std::string& id);

/// Takes the lock of a pod, making its run directory (0700): empty if the pod runs. The lock is of the directory that
/// has the name when this returns, also while others start, stop and clean up pods of the same name.
Result<Fd> try_lock_pod(const Layout& layout, const std::string& id);

/// The same for who can wait a while when it is no pod that holds the lock, but somebody who removes what a dead one
/// left. An error after 10 seconds of that.
Result<Fd> lock_pod(const Layout& layout, const std::string& id);

/// A pidfd of the running pod's pause; empty if its state cannot be read, as in the first and last moments.
Fd open_pause(const Layout& layout, const std::string& id);

/// Blocks until the pod's pause has let go of its lock. At once if it is not there.
Result<> wait_until_unlocked(const Layout& layout, const std::string& id);

/// NAME, NAMESPACE/NAME or NAMESPACE_NAME → the id; `default_namespace` for a bare NAME.
std::string id_of(const std::string& name, const std::string& default_namespace);

}  // namespace podrun::supervisor

// The locks of pods. The lock, never a pid, tells whether a pod runs.
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

/// Writes the uid into the pod's lock, which the caller holds. Must be called before anything on disk has the uid in
/// its name.
Result<> write_lock_uid(const Fd& lock, const std::string& uid);

/// The uid of a running pod, from its lock or else its state. Empty if neither can be read: the pod may be about to
/// start.
std::string uid_of_running(const Layout& layout, const std::string& id);

/// Takes the lock of a pod and makes its run directory (0700); empty if the pod runs. When this returns, the lock file
/// is the one with the pod's name, even if other processes start, stop and clean up pods of the same name.
Result<Fd> try_lock_pod(const Layout& layout, const std::string& id);

/// The same, but waits while another process removes what a dead pod left. An error after 10 seconds.
Result<Fd> lock_pod(const Layout& layout, const std::string& id);

/// A pidfd of the running pod's pause. Empty if the state cannot be read, as shortly after the start and before the
/// end.
Fd open_pause(const Layout& layout, const std::string& id);

/// Waits until the pod's pause has released its lock; returns at once if there is no lock file.
Result<> wait_until_unlocked(const Layout& layout, const std::string& id);

/// The id for NAME, NAMESPACE/NAME or NAMESPACE_NAME. A NAME alone is in `default_namespace`.
std::string id_of(const std::string& name, const std::string& default_namespace);

}  // namespace podrun::supervisor

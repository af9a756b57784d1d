// Leases: a note on disk of each change that a pod makes to an object of others, which neither the kernel nor a scan of
// podrun's own directories would undo: a rule in a foreign chain, a kernel parameter of the host. The note is on disk
// before the change is made. Whoever cleans up last undoes the change: the pod's own clean-up, or else the next start or
// `podrun rm`.
//
//   write_lease ──▶ the change ──▶ … ──▶ the undo ──▶ the removal of the note
//
// A power loss may come between any two of them, so an undo must be able to come twice, or without the change: it
// compares the object with what the note says, and leaves alone what others have changed since. The state of the kernel
// ends with the boot, and its note does not: the note says in which boot it was written, and is removed in a later one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pod/json/value.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// A run of a pod. It is in the path of its leases: leases/<id>_<uid>/<kind>-<key>.
struct LeaseOwner {
  std::string id;
  std::string uid;
};

/// Writes a lease and waits until it is on disk. `kind` is one of the list in leases.cpp; `key` names the object in the
/// file's name; `object` has what the undo needs to know. A lease of the same name is replaced, and keeps its place in
/// the order of the undo.
Result<> write_lease(const Layout& layout, const LeaseOwner& owner, std::string_view kind, std::string_view key,
                     pod::json::Value object);

/// The object of a lease of this run; empty if there is none, or if a reboot has undone the change.
Result<std::optional<pod::json::Value>> find_lease(const Layout& layout, const LeaseOwner& owner, std::string_view kind,
                                                   std::string_view key);

/// Undoes the changes of all runs of a pod, the last one first, and removes their leases. What the pod shares with others
/// (sysctl_lease.hpp) is undone with the last of them. The caller, or a parent of it, holds the pod's lock.
/// A lease that cannot be read or undone stays, and the error names its file; the others are undone all the same.
Result<> undo_leases(const Layout& layout, const std::string& id);

/// The ids of the pods that have leases, or share changes.
std::vector<std::string> pods_with_leases(const Layout& layout);

}  // namespace podrun::supervisor

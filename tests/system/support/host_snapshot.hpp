// Snapshots of what a pod could leave on the host. They are compared as text, so that a failure names what is left.
#pragma once

#include <set>
#include <string>

#include "tests/system/support/temporary_root.hpp"

namespace podrun::test {

/// The test's living descendants; the host's mounts and network interfaces; the root's cgroups; its files in run/podrun
/// and in var/lib/podrun/pods and leases; and who has any of what pods leave, supervisor::remains_kinds().
struct HostSnapshot {
  std::set<std::string> lines;

  bool operator==(const HostSnapshot&) const = default;
};
HostSnapshot snapshot(const TemporaryRoot& root);

/// The lines that AFTER has in addition (+) and lacks (-). "" if there are none.
std::string changes(const HostSnapshot& before, const HostSnapshot& after);
/// The lines that AFTER has in addition. For running pods, whose helpers come and go.
std::string additions(const HostSnapshot& before, const HostSnapshot& after);

}  // namespace podrun::test

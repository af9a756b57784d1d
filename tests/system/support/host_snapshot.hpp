// What a pod could leave on the host, before and after: compared as text, so that a failure names what was
// left.
#pragma once

#include <set>
#include <string>

#include "tests/system/support/temporary_root.hpp"

namespace podrun::test {

/// The test's living descendants; the host's mounts and network interfaces; the root's cgroups; its files in run/podrun
/// and var/lib/podrun/pods.
struct HostSnapshot {
  std::set<std::string> lines;

  bool operator==(const HostSnapshot&) const = default;
};
HostSnapshot snapshot(const TemporaryRoot& root);

/// Prints what AFTER has more (+) and less (-): "" if nothing differs.
std::string changes(const HostSnapshot& before, const HostSnapshot& after);
/// What AFTER has more: for pods that run, whose short-lived helpers come and go.
std::string additions(const HostSnapshot& before, const HostSnapshot& after);

}  // namespace podrun::test

// Snapshots of the host before and after a pod.
#include "tests/system/support/host_snapshot.hpp"

#include <net/if.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>

#include <fmt/format.h>

#include "namespaces/kernel/cgroup.hpp"
#include "namespaces/network/network_steps.hpp"
#include "supervisor/state/pod_cleanup.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/state_file.hpp"
#include "tests/system/support/procfs.hpp"

namespace podrun::test {
namespace {

void add_files(HostSnapshot& found, const std::string& directory) {
  std::error_code error;
  // Those that all pods use stay, and are empty.
  const auto is_shared = [](const std::string& name) {
    return name == ".names" || name == ".sysctls" || name == ".tables";
  };
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory, error))
    if (!is_shared(entry.path().filename())) found.lines.insert("file " + entry.path().string());
}

/// The interfaces of the host. The kernel removes those of a pod a little after its last process: that is waited for.
void add_interfaces(HostSnapshot& found, const TemporaryRoot& root) {
  std::set<std::string> in_use;
  for (const std::string& id : supervisor::known_pods(root.layout()))
    if (const auto record = supervisor::read_state(root.layout(), id); record && is_running(root.layout(), id))
      for (const supervisor::NetworkRecord& network : record->networks) in_use.insert(network.interface);
  struct if_nameindex* const interfaces = ::if_nameindex();
  for (const struct if_nameindex* each = interfaces; each->if_index != 0; ++each) {
    const std::string name = each->if_name;
    const bool is_ending = name.starts_with("podrun") && !in_use.contains(name);
    if (!is_ending || !ns::wait_for_link_end(name, std::chrono::seconds(2))) found.lines.insert("interface " + name);
  }
  ::if_freenameindex(interfaces);
}

void add_cgroups(HostSnapshot& found, const TemporaryRoot& root) {
  const auto hierarchy = ns::open_cgroup2(root.facts());
  if (!hierarchy) return;
  // A hierarchy that is not mounted can only be reached through this descriptor.
  const std::string base = fmt::format("/proc/self/fd/{}/{}", hierarchy->get(), root.cgroup_base());
  std::error_code error;
  if (!std::filesystem::exists(base, error)) return;
  found.lines.insert("cgroup " + root.cgroup_base());
  // The group of a pod's helpers is made for the first helper, and removed with the pod's group.
  for (const auto& entry : std::filesystem::recursive_directory_iterator(base, error))
    if (entry.is_directory(error) && entry.path().filename() != "_helpers")
      found.lines.insert("cgroup " + entry.path().lexically_relative(base).string());
}

}  // namespace

HostSnapshot snapshot(const TemporaryRoot& root) {
  HostSnapshot found;
  for (const pid_t pid : living_descendants())
    found.lines.insert(fmt::format("process {} {}", pid, comm_of(pid)));
  for (const std::string& line : lines_of(contents_of("/proc/self/mountinfo")))
    found.lines.insert("mount " + line);
  add_interfaces(found, root);
  add_cgroups(found, root);
  add_files(found, root.layout().run());
  add_files(found, root.layout().storage());
  add_files(found, root.layout().lease_folder().path());
  for (const supervisor::RemainsKind& kind : supervisor::remains_kinds())
    for (const std::string& owner : kind.owners(root.layout(), root.facts()))
      found.lines.insert(fmt::format("{} of {}", kind.name, owner));
  return found;
}

std::string additions(const HostSnapshot& before, const HostSnapshot& after) {
  std::string words;
  for (const std::string& line : after.lines)
    if (!before.lines.contains(line)) words += "+ " + line + "\n";
  return words;
}

std::string changes(const HostSnapshot& before, const HostSnapshot& after) {
  std::string words = additions(before, after);
  for (const std::string& line : before.lines)
    if (!after.lines.contains(line)) words += "- " + line + "\n";
  return words;
}

}  // namespace podrun::test

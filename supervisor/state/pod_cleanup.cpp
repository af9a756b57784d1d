// Removes what a pod leaves on the host.
#include "supervisor/state/pod_cleanup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <set>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "namespaces/kernel/cgroup.hpp"
#include "namespaces/paths/remove_tree.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/state/logged_runs.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/state_file.hpp"

namespace podrun::supervisor {
namespace {

constexpr std::chrono::seconds kill_timeout{5};

std::vector<std::string> entries(const std::string& directory) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error))
    names.push_back(entry.path().filename());
  return names;
}

/// The uids of running pods, whose storage must be kept. An error if one cannot be determined, because any storage may
/// belong to that pod.
Result<std::set<std::string>> uids_in_use(const Layout& layout) {
  std::set<std::string> uids;
  for (const std::string& id : known_pods(layout)) {
    if (!is_running(layout, id)) continue;
    std::string uid = uid_of_running(layout, id);
    if (uid.empty())
      return fail(fmt::format(
          "pod {} runs, but its uid cannot be read: no storage is removed, since any of it may belong to this pod",
          id));
    uids.insert(std::move(uid));
  }
  return uids;
}

/// Writes the final status of a dead pod, computed from its state file. The file may be from an earlier boot.
Result<> write_last_status(const Layout& layout, PodRecord record) {
  ns::DirectoryHandle folder = layout.log_folder(record.id, record.uid);
  TRY_VOID(folder.open());
  if (::faccessat(folder.fd(), "status.json", F_OK, AT_SYMLINK_NOFOLLOW) == 0) return {};
  const bool this_boot = record.boot_id == boot_id();
  const BootTime now = this_boot ? boot_now() : record.started;
  const std::chrono::nanoseconds realtime =
      this_boot ? wall_now().time_since_epoch() : std::chrono::nanoseconds(record.started_realtime);
  record.status = lost(std::move(record.status), this_boot ? now : BootTime{0});
  return folder.write_file("status.json", to_pod_json(record, now, realtime), 0640);
}

}  // namespace

Result<> remove_processes(const pod::HostFacts& facts, const std::string& cgroup_base, const std::string& id) {
  const auto cgroup = ns::PodCgroup::open(facts, cgroup_base, id);
  if (!cgroup) return cgroup.error().number == ENOENT ? Result<>{} : std::unexpected(cgroup.error());
  return cgroup->remove(kill_timeout);
}

Result<> remove_storage(const Layout& layout, const std::string& uid) {
  return ns::remove_tree(layout.storage_of(uid));
}

Result<> remove_run_directory(const Layout& layout, const std::string& id) {
  const std::string directory = layout.run_of(id);
  for (const char* name : {"control", "manifest.yaml", "manifest.yaml.new", "images.json", "images.json.new",
                           "state.json", "state.spare", "lock"})
    if (::unlink((directory + "/" + name).c_str()) < 0 && errno != ENOENT) return fail_system(directory + "/" + name);
  // ENOTEMPTY: another process has claimed the name after the lock file was removed.
  if (::rmdir(directory.c_str()) < 0 && errno != ENOENT && errno != ENOTEMPTY) return fail_system(directory);
  return {};
}

Result<> clean_up_dead_pod(const Layout& layout, const pod::HostFacts& facts, const std::string& id) {
  const auto record = read_state(layout, id);
  TRY_VOID(remove_processes(facts, record ? record->cgroup_base : ns::cgroup_base(facts, layout.root()), id));
  if (!record) return {};
  (void)write_last_status(layout, *record);  // ignored: the disk that is being cleaned up may be full
  return remove_storage(layout, record->uid);
}

Result<> remove_dead_pod(const Layout& layout, const pod::HostFacts& facts, const std::string& id) {
  const Fd lock = TRY(try_lock_pod(layout, id));
  if (!lock) return {};
  TRY_VOID(clean_up_dead_pod(layout, facts, id));
  return remove_run_directory(layout, id);
}

Result<> remove_all_dead_pods(const Layout& layout, const pod::HostFacts& facts) {
  std::string errors;
  const auto note = [&](const Result<>& removed) {
    if (!removed) errors += (errors.empty() ? "" : "; ") + removed.error().message;
  };
  std::vector<std::string> pods = known_pods(layout);
  if (const auto grouped = ns::pods_with_cgroups(facts, ns::cgroup_base(facts, layout.root())))
    pods.insert(pods.end(), grouped->begin(), grouped->end());
  for (const std::string& id : pods)
    if (!is_running(layout, id)) note(remove_dead_pod(layout, facts, id));

  // The storage is listed first: a pod that starts meanwhile writes its uid into its lock before it makes its storage.
  const std::vector<std::string> stored = entries(layout.storage());
  if (const auto in_use = uids_in_use(layout)) {
    for (const std::string& uid : stored)
      if (!in_use->contains(uid)) note(remove_storage(layout, uid));
  } else if (!stored.empty()) {
    note(std::unexpected(in_use.error()));
  }
  return errors.empty() ? Result<>{} : fail(errors);
}

Result<> remove_old_logs(const Layout& layout, const std::string& id, std::size_t keep, const std::string& present) {
  std::size_t kept = 0;
  ns::DirectoryHandle folder = layout.log_folder();
  if (const auto opened = folder.open(); !opened) return opened.error().number == ENOENT ? Result<>{} : opened;
  for (const LoggedRun& run : logged_runs(layout)) {
    if (run.id != id || run.uid == present) continue;
    if (++kept > keep) TRY_VOID(ns::remove_tree(folder.fd(), run.id + "_" + run.uid));
  }
  return {};
}

}  // namespace podrun::supervisor

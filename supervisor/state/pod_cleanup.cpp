// Removes what a pod leaves on the host.
#include "supervisor/state/pod_cleanup.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <set>
#include <system_error>
#include <vector>

#include <fmt/format.h>

#include "namespaces/kernel/cgroup.hpp"
#include "namespaces/network/published_names.hpp"
#include "namespaces/paths/remove_tree.hpp"
#include "pod/spec/pod_name.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/leases/leases.hpp"
#include "supervisor/state/logged_runs.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/pod_view.hpp"
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
      return fail(
          fmt::format("pod {} runs, but its uid cannot be read: no storage is removed, since any of it may belong to "
                      "this pod",
                      pod::pod_name(id)),
          EAGAIN);
    uids.insert(std::move(uid));
  }
  return uids;
}

/// Errors that do not end the work.
class Errors {
 public:
  void add(const Result<>& done) {
    if (done) return;
    number_ = text_.empty() || number_ == done.error().number ? done.error().number : 0;
    text_ += (text_.empty() ? "" : "; ") + done.error().message;
  }
  /// The error has the number that all of them have, or else 0.
  Result<> joined() const { return text_.empty() ? Result<>{} : fail(text_, number_); }

 private:
  std::string text_;
  int number_ = 0;
};

/// Removes what runs have left of a kind whose owners are uids.
Result<> remove_of_ended_runs(const Layout& layout, const pod::HostFacts& facts, const RemainsKind& kind) {
  // The owners are listed first: a pod that starts meanwhile writes its uid into its lock before anything is its own.
  const std::vector<std::string> owners = kind.owners(layout, facts);
  if (owners.empty()) return {};
  const std::set<std::string> in_use = TRY(uids_in_use(layout));
  Errors errors;
  for (const std::string& uid : owners)
    if (!in_use.contains(uid))
      errors.add(kind.remove({.layout = layout, .facts = facts, .id = "", .uid = uid, .cgroup_base = ""}));
  return errors.joined();
}

/// Writes the final status of a dead pod, computed from its state file. The file may be from an earlier boot.
Result<> write_last_status(const Layout& layout, PodRecord record) {
  ns::DirectoryHandle folder = layout.log_folder(record.id, record.uid);
  TRY_VOID(folder.open());
  if (::faccessat(folder.fd(), "status.json", F_OK, AT_SYMLINK_NOFOLLOW) == 0) return {};
  const bool this_boot = record.boot_id == boot_id();
  const BootTime now = this_boot ? boot_now() : record.started;
  const WallTime realtime = this_boot ? wall_now() : WallTime(std::chrono::nanoseconds(record.started_realtime));
  record.status = lost(std::move(record.status), this_boot ? now : BootTime{0});
  PodView view = view_of(record, now, realtime);
  view.reason = "Dead";
  view.given = read_given(layout, record.id);
  return folder.write_file("status.json", to_json(view), 0600);
}

// ---- the kinds ----

/// Kills every process of the pod and removes its control groups.
Result<> remove_control_groups(const EndedPod& pod) {
  const auto cgroup = ns::PodCgroup::open(pod.facts, pod.cgroup_base, pod.id);
  if (!cgroup) return cgroup.error().number == ENOENT ? Result<>{} : std::unexpected(cgroup.error());
  return cgroup->remove(kill_timeout);
}

/// Removes the layers and volumes of a run.
Result<> remove_storage(const EndedPod& pod) {
  return pod.uid.empty() ? Result<>{} : ns::remove_tree(pod.layout.storage_of(pod.uid));
}

/// A pod that writes its names at this moment is not told apart from others: its lock says that it runs.
std::vector<std::string> who_has_names(const Layout& layout, const pod::HostFacts&) {
  return ns::publishers(layout.names_folder().path());
}

/// Removes what the pod has published for resolvers.
Result<> remove_names(const EndedPod& pod) {
  ns::DirectoryHandle folder = pod.layout.names_folder();
  return folder.open() ? ns::withdraw_names(folder.fd(), pod.id) : Result<>{};
}

constexpr std::array kinds{
    RemainsKind{.name = "control groups",  // the first: afterwards no process of the pod uses the others
                .blocks = RemainsKind::Blocks::OtherKinds,
                .owners = [](const Layout& layout, const pod::HostFacts& facts) {
                  return ns::pods_with_cgroups(facts, ns::cgroup_base(facts, layout.root()))
                      .value_or(std::vector<std::string>{});
                },
                .owned_by = RemainsKind::OwnedBy::Id,
                .remove = remove_control_groups},
    RemainsKind{.name = "leases",
                .blocks = RemainsKind::Blocks::Nothing,
                .owners = [](const Layout& layout, const pod::HostFacts&) { return pods_with_leases(layout); },
                .owned_by = RemainsKind::OwnedBy::Id,
                .remove = [](const EndedPod& pod) { return undo_leases(pod.layout, pod.id); }},
    RemainsKind{.name = "storage",
                .blocks = RemainsKind::Blocks::NextRun,
                .owners = [](const Layout& layout, const pod::HostFacts&) { return entries(layout.storage()); },
                .owned_by = RemainsKind::OwnedBy::Uid,
                .remove = remove_storage},
    RemainsKind{.name = "names",
                .blocks = RemainsKind::Blocks::Nothing,
                .owners = who_has_names,
                .owned_by = RemainsKind::OwnedBy::Id,
                .remove = remove_names},
    RemainsKind{.name = "run directory",
                .blocks = RemainsKind::Blocks::NextRun,
                .owners = [](const Layout& layout, const pod::HostFacts&) { return known_pods(layout); },
                .owned_by = RemainsKind::OwnedBy::Id,
                .remove = [](const EndedPod& pod) { return remove_run_directory(pod.layout, pod.id); }}};

/// Whether a dead pod has control groups. Its processes may use the storage of a run that is not known any more.
bool is_a_group_left(const Layout& layout, const pod::HostFacts& facts) {
  return std::ranges::any_of(kinds.front().owners(layout, facts),
                             [&](const std::string& id) { return !is_running(layout, id); });
}

using OnError = std::function<void(const RemainsKind& kind, const Error& error)>;

void remove_each(const EndedPod& pod, const OnError& on_error) {
  for (const RemainsKind& kind : remains_kinds().first(kinds.size() - 1)) {
    const Result<> removed = kind.remove(pod);
    if (!removed) on_error(kind, removed.error());
    if (!removed && kind.blocks == RemainsKind::Blocks::OtherKinds) return;
  }
}

void clean_up(const Layout& layout, const pod::HostFacts& facts, const std::string& id, const OnError& on_error) {
  const auto record = read_state(layout, id);
  remove_each({.layout = layout,
               .facts = facts,
               .id = id,
               .uid = record ? record->uid : "",
               .cgroup_base = record ? record->cgroup_base : ns::cgroup_base(facts, layout.root())},
              on_error);
  if (record) (void)write_last_status(layout, *record);  // ignored: the disk may be full
}

}  // namespace

std::span<const RemainsKind> remains_kinds() { return kinds; }

Result<> remove_remains(const EndedPod& pod) {
  Errors errors;
  remove_each(pod, [&](const RemainsKind&, const Error& error) { errors.add(std::unexpected(error)); });
  return errors.joined();
}

Result<> remove_run_directory(const Layout& layout, const std::string& id) {
  const std::string directory = layout.run_of(id);
  // The manifest and the images are copies of an older podrun.
  for (const char* name : {"control", "manifest.yaml", "manifest.yaml.new", "images.json", "images.json.new",
                           "pod.json", "pod.json.new", "state.json", "state.spare", "lock"})
    if (::unlink((directory + "/" + name).c_str()) < 0 && errno != ENOENT) return fail_system(directory + "/" + name);
  // ENOTEMPTY: another process has claimed the name after the lock file was removed.
  if (::rmdir(directory.c_str()) < 0 && errno != ENOENT && errno != ENOTEMPTY) return fail_system(directory);
  return {};
}

Result<> remove_unused_run_directory(const Layout& layout, const std::string& id) {
  const bool is_unused = entries(layout.run_of(id)) == std::vector<std::string>{"lock"};
  return is_unused ? remove_run_directory(layout, id) : Result<>{};
}

Result<> clean_up_dead_pod(const Layout& layout, const pod::HostFacts& facts, const std::string& id) {
  Errors errors;
  clean_up(layout, facts, id, [&](const RemainsKind&, const Error& error) { errors.add(std::unexpected(error)); });
  return errors.joined();
}

Result<> clean_up_before_start(const Layout& layout, const pod::HostFacts& facts, const std::string& id,
                               const std::function<void(const Error&)>& warn) {
  Errors errors;
  clean_up(layout, facts, id, [&](const RemainsKind& kind, const Error& error) {
    if (kind.blocks == RemainsKind::Blocks::Nothing)
      warn(error);
    else
      errors.add(std::unexpected(error));
  });
  return errors.joined();
}

Result<> remove_dead_pod(const Layout& layout, const pod::HostFacts& facts, const std::string& id) {
  const Fd lock = TRY(try_lock_pod(layout, id));
  if (!lock) return {};
  const Result<> cleaned = clean_up_dead_pod(layout, facts, id);
  if (cleaned) return remove_run_directory(layout, id);
  // What is left may be found without a run directory, and taking the lock has made one.
  (void)remove_unused_run_directory(layout, id);
  return cleaned;
}

Result<> remove_all_dead_pods(const Layout& layout, const pod::HostFacts& facts) {
  Errors errors;
  std::set<std::string> pods;
  for (const RemainsKind& kind : kinds)
    if (kind.owned_by == RemainsKind::OwnedBy::Id)
      for (std::string& id : kind.owners(layout, facts)) pods.insert(std::move(id));
  for (const std::string& id : pods)
    if (!is_running(layout, id)) errors.add(remove_dead_pod(layout, facts, id));
  if (is_a_group_left(layout, facts)) return errors.joined();
  for (const RemainsKind& kind : kinds)
    if (kind.owned_by == RemainsKind::OwnedBy::Uid) errors.add(remove_of_ended_runs(layout, facts, kind));
  return errors.joined();
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

void write_failed_start(const Layout& layout, const PodRecord& record, const std::string& why) {
  ns::DirectoryHandle folder = layout.log_folder(record.id, record.uid);
  if (!folder.open()) return;
  PodView view = view_of_failed_start(record, why, boot_now(), wall_now());
  view.given = read_given(layout, record.id);
  (void)folder.write_file("status.json", to_json(view), 0600);
}

}  // namespace podrun::supervisor

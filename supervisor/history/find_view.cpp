// Finds the status of pods.
#include "supervisor/history/find_view.hpp"

#include <algorithm>
#include <cerrno>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "namespaces/launch/read_host_facts.hpp"
#include "pod/spec/pod_name.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/state/logged_runs.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/state_file.hpp"

namespace podrun::supervisor {
namespace {

/// The view of a pod of which only the id is known.
PodView view_of_id(const std::string& id, std::string phase) {
  const std::size_t end = id.find('_');
  PodView view;
  view.name = id.substr(end + 1);
  view.namespace_name = id.substr(0, end);
  view.phase = std::move(phase);
  return view;
}

/// A pod that runs in the host's network has the addresses that the host has now.
void add_host_addresses(PodView& view, const PodRecord& record) {
  static const std::vector<std::string> addresses = ns::host_addresses();
  view.host_ips = addresses;
  if (record.host_network) view.pod_ips = addresses;
}

PodView running_pod(const Layout& layout, const std::string& id) {
  const auto record = read_state(layout, id);
  if (record) {
    PodView view = view_of(*record, boot_now(), wall_now());
    view.given = read_given(layout, id);
    add_host_addresses(view, *record);
    return view;
  }
  if (record.error().number == ENOENT) {
    // It has ended and removed its state, or its start has not written the state yet.
    const auto final_status = final_status_of_leaving(layout, id);
    auto view = final_status ? parse_pod_json(*final_status) : Result<PodView>(view_of_id(id, "Pending"));
    return view ? std::move(*view) : view_of_id(id, "Pending");
  }
  note(record.error().message);
  return view_of_id(id, "Unknown");
}

/// A pod whose processes are gone although it has not ended. Its times are of the boot in which it ran.
PodView dead_pod(const Layout& layout, const std::string& id) {
  const auto record = read_state(layout, id);
  PodView view =
      record ? view_of(*record, record->started, WallTime(std::chrono::nanoseconds(record->started_realtime)))
             : view_of_id(id, "Unknown");
  view.given = read_given(layout, id);
  view.reason = "Dead";
  for (ContainerView& container : view.containers) container.ready = false;
  const std::string name = pod::pod_name(id);
  note(fmt::format("pod {0} is dead; to remove what it left: {1} rm {0}", name, layout.command()));
  return view;
}

/// A pod that has left only logs. If the final status is missing, no process lived to write it.
PodView ended_pod(const Layout& layout, const LoggedRun& run) {
  ns::DirectoryHandle folder = layout.log_folder(run.id, run.uid);
  const auto opened = folder.open();
  const auto text = read_final_status(folder);
  if (!opened || !text) {
    const bool is_missing = opened && text.error().number == ENOENT;
    PodView view = view_of_id(run.id, is_missing ? "Failed" : "Unknown");
    view.reason = is_missing ? "Dead" : "";
    view.created = WallTime(run.written);
    return view;
  }
  auto view = parse_pod_json(*text);
  if (view) return std::move(*view);
  note(fmt::format("{}: {}", folder.path_of("status.json"), view.error().message));
  return view_of_id(run.id, "Unknown");
}

}  // namespace

std::string id_of(const PodView& pod) { return pod.namespace_name + "_" + pod.name; }

EventSubject subject_of(const PodView& pod) {
  return {.name = pod.name, .namespace_name = pod.namespace_name, .uid = pod.uid};
}

std::vector<PodView> find_views(const Layout& layout, bool all) {
  std::vector<PodView> pods;
  std::set<std::string> shown;
  for (const std::string& id : known_pods(layout)) {
    const bool runs = is_running(layout, id);
    if (!runs && !all) continue;
    pods.push_back(runs ? running_pod(layout, id) : dead_pod(layout, id));
    shown.insert(id);
  }
  if (!all) return pods;
  for (const LoggedRun& run : logged_runs(layout))
    if (shown.insert(run.id).second) pods.push_back(ended_pod(layout, run));  // the newest run of each pod comes first
  return pods;
}

PodView find_view(const Layout& layout, const std::string& id) {
  if (is_running(layout, id)) return running_pod(layout, id);
  const auto known = known_pods(layout);
  if (std::ranges::find(known, id) != known.end()) return dead_pod(layout, id);
  const auto runs = logged_runs(layout);
  const auto newest = std::ranges::find(runs, id, &LoggedRun::id);
  return newest == runs.end() ? view_of_id(id, "Unknown") : ended_pod(layout, *newest);
}

ns::DirectoryHandle last_log_folder(const Layout& layout, const std::string& id) {
  ns::DirectoryHandle folder = layout.log_folder(id, last_run_of(layout, id));
  (void)folder.open();  // if this fails, reading a file in it fails, too
  return folder;
}

}  // namespace podrun::supervisor

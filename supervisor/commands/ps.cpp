// podrun ps: lists the pods that run, with -a also those that have ended.
#include <algorithm>
#include <set>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "namespaces/paths/directory_handle.hpp"
#include "pod/spec/pod_name.hpp"
#include "supervisor/cli/pod_operands.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/show/pod_table.hpp"
#include "supervisor/state/logged_runs.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/pod_view.hpp"
#include "supervisor/state/state_file.hpp"

namespace podrun::supervisor::commands {
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

PodView running_pod(const Layout& layout, const std::string& id) {
  const auto record = read_state(layout, id);
  if (record) return view_of(*record, boot_now(), wall_now());
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
  const auto text = folder.read_file("status.json");
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

std::string id_of(const PodView& pod) {
  return pod.namespace_name + "_" + pod.name;
}

/// One name a line.
std::string names_of(const std::vector<PodView>& pods) {
  std::string lines;
  for (const PodView& pod : pods) lines += pod::pod_name(id_of(pod)) + "\n";
  return lines;
}

std::vector<PodView> collect(const Layout& layout, bool all) {
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

}  // namespace

ExitStatus ps(const Invocation& invocation) {
  const Options& options = invocation.options;
  const NamedPods named = find_pods(invocation.layout, options);
  std::vector<PodView> pods = collect(invocation.layout, options.all || !options.operands.empty());
  if (!options.operands.empty())
    std::erase_if(pods,
                  [&](const PodView& pod) { return std::ranges::find(named.ids, id_of(pod)) == named.ids.end(); });
  if (!options.namespace_name.empty())
    std::erase_if(pods, [&](const PodView& pod) { return pod.namespace_name != options.namespace_name; });
  std::ranges::sort(pods, [](const PodView& a, const PodView& b) {
    return std::tie(a.namespace_name, a.name) < std::tie(b.namespace_name, b.name);
  });
  const ExitStatus status = report_errors(named.errors);
  if (options.format == Format::Json) return greatest(status, print(to_json(pods)));
  if (options.quiet) return greatest(status, print(names_of(pods)));
  if (!pods.empty()) return greatest(status, print(pod_table(pods, wall_now())));
  if (options.operands.empty()) note(options.all ? "no pods" : "no pod runs");
  return status;
}

}  // namespace podrun::supervisor::commands

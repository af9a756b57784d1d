// Finds the pod that a name on the command line means.
#include "supervisor/state/find_pod.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "pod/spec/pod_name.hpp"
#include "pod/text/diagnostic.hpp"
#include "pod/text/utf8_text.hpp"
#include "supervisor/logs/show_logs.hpp"
#include "supervisor/state/logged_runs.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/state_file.hpp"

namespace podrun::supervisor {
namespace {

/// The pod of the same name in another namespace, else the one with the nearest name in the same namespace; empty if
/// there is none.
std::string suggestion_for(const std::string& id, const std::set<std::string>& ids) {
  const std::string ending = id.substr(id.find('_'));
  const auto namesake =
      std::ranges::find_if(ids, [&](const std::string& other) { return other.ends_with(ending); });
  if (namesake != ids.end()) return pod::pod_name(*namesake);
  const std::string space = id.substr(0, id.find('_') + 1);
  std::vector<std::string_view> names;
  for (const std::string& other : ids)
    if (other.starts_with(space)) names.push_back(std::string_view(other).substr(space.size()));
  const std::string_view nearest = pod::nearest(std::string_view(id).substr(space.size()), names);
  return nearest.empty() ? "" : pod::pod_name(fmt::format("{}{}", space, nearest));
}

/// Whether a name is that of a container: alone, or as podman and Compose write it.
bool is_name_of(const std::string& id, const std::string& container, const std::string& name) {
  const std::string with_pod = id.substr(id.find('_') + 1) + "-" + container;
  return name == container || name == with_pod || name == with_pod + "-1";
}

std::string id_called(const std::string& name, const std::string& namespace_name) {
  return id_of(name, namespace_name.empty() ? "default" : namespace_name);
}

}  // namespace

CommandResult<std::string> find_pod(const Layout& layout, const std::string& name, const std::string& namespace_name) {
  const std::string id = id_called(name, namespace_name);
  const auto running = known_pods(layout);
  if (std::ranges::find(running, id) != running.end()) return id;
  const auto runs = logged_runs(layout);
  if (std::ranges::find(runs, id, &LoggedRun::id) != runs.end()) return id;

  const std::string meant = similar_pod(layout, name, namespace_name);
  const std::string hint = meant.empty() ? "" : fmt::format("; did you mean {}?", pod::in_quotes(meant));
  return fail_command(ExitStatus::NameConflict, fmt::format("no pod {}{}", pod::in_quotes(name), hint));
}

std::string similar_pod(const Layout& layout, const std::string& name, const std::string& namespace_name) {
  std::set<std::string> ids;
  for (std::string& known : known_pods(layout)) ids.insert(std::move(known));
  for (LoggedRun& run : logged_runs(layout)) ids.insert(std::move(run.id));
  return suggestion_for(id_called(name, namespace_name), ids);
}

std::vector<NamedContainer> containers_named(const Layout& layout, const std::string& name,
                                             const std::string& namespace_name) {
  const auto is_wanted = [&](const std::string& id) {
    return namespace_name.empty() || id.starts_with(namespace_name + "_");
  };
  std::vector<NamedContainer> found;
  for (const std::string& id : known_pods(layout)) {
    if (!is_wanted(id) || !is_running(layout, id)) continue;
    const auto record = read_state(layout, id);
    if (!record) continue;
    for (const ContainerRecord& container : record->containers)
      if (is_name_of(id, container.name, name)) found.push_back({.pod = id, .name = container.name});
  }
  if (!found.empty()) return found;
  std::set<std::string> seen;
  for (const LoggedRun& run : logged_runs(layout)) {
    ns::DirectoryHandle folder = layout.log_folder(run.id, run.uid);
    if (!is_wanted(run.id) || !seen.insert(run.id).second || !folder.open()) continue;
    for (const std::string& container : logged_containers(folder))
      if (is_name_of(run.id, container, name)) found.push_back({.pod = run.id, .name = container});
  }
  return found;
}

}  // namespace podrun::supervisor

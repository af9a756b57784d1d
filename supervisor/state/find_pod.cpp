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

/// The pod of the same name in another namespace, else the one with the nearest name; empty if there is none.
std::string suggestion_for(const std::string& id, const std::set<std::string>& ids) {
  const std::string ending = id.substr(id.find('_'));
  const auto namesake =
      std::ranges::find_if(ids, [&](const std::string& other) { return other.ends_with(ending); });
  if (namesake != ids.end()) return pod::pod_name(*namesake);
  const std::string_view nearest = pod::nearest(id, {ids.begin(), ids.end()});
  return nearest.empty() ? "" : pod::pod_name(nearest);
}

/// Whether a name is that of a container: alone, or as podman and Compose write it.
bool is_name_of(const std::string& id, const std::string& container, const std::string& name) {
  const std::string with_pod = id.substr(id.find('_') + 1) + "-" + container;
  return name == container || name == with_pod || name == with_pod + "-1";
}

}  // namespace

CommandResult<std::string> find_pod(const Layout& layout, const std::string& name, const std::string& namespace_name) {
  const std::string default_namespace = namespace_name.empty() ? "default" : namespace_name;
  const std::string id = id_of(name, default_namespace);
  std::set<std::string> ids;
  for (std::string& known : known_pods(layout)) ids.insert(std::move(known));
  if (ids.contains(id)) return id;
  for (LoggedRun& run : logged_runs(layout)) ids.insert(std::move(run.id));
  if (ids.contains(id)) return id;

  const std::string meant = suggestion_for(id, ids);
  const std::string hint = meant.empty() ? "" : fmt::format("; did you mean {}?", pod::in_quotes(meant));
  return fail_command(ExitStatus::NameConflict, fmt::format("no pod {}{}", pod::in_quotes(name), hint));
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

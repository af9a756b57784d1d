// Finds the pod that a name on the command line means.
#include "supervisor/state/find_pod.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <vector>

#include <fmt/format.h>

#include "pod/text/diagnostic.hpp"
#include "pod/text/utf8_text.hpp"
#include "supervisor/state/logged_runs.hpp"
#include "supervisor/state/pod_lock.hpp"

namespace podrun::supervisor {
namespace {

/// The shortest name for an id: NAME, or NAMESPACE/NAME.
std::string shortest_name(const std::string& id, const std::string& default_namespace) {
  const std::size_t end = id.find('_');
  const std::string name = id.substr(end + 1);
  return id.substr(0, end) == default_namespace ? name : id.substr(0, end) + "/" + name;
}

/// The pod of the same name in another namespace, else the one with the nearest name; empty if there is none.
std::string suggestion_for(const std::string& id, const std::set<std::string>& ids,
                           const std::string& default_namespace) {
  const std::string ending = id.substr(id.find('_'));
  const auto namesake =
      std::ranges::find_if(ids, [&](const std::string& other) { return other.ends_with(ending); });
  if (namesake != ids.end()) return shortest_name(*namesake, default_namespace);
  const std::string_view nearest = pod::nearest(id, {ids.begin(), ids.end()});
  return nearest.empty() ? "" : shortest_name(std::string(nearest), default_namespace);
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

  const std::string meant = suggestion_for(id, ids, default_namespace);
  const std::string hint = meant.empty() ? "" : fmt::format("; did you mean {}?", pod::in_quotes(meant));
  return fail_command(ExitStatus::NameConflict, fmt::format("no pod {}{}", pod::in_quotes(name), hint));
}

}  // namespace podrun::supervisor

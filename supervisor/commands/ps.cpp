// podrun ps: lists the pods that run, with -a also those that have ended.
#include <algorithm>
#include <tuple>
#include <vector>

#include "pod/spec/pod_name.hpp"
#include "supervisor/cli/pod_operands.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/history/find_view.hpp"
#include "supervisor/show/pod_table.hpp"
#include "supervisor/state/pod_view.hpp"

namespace podrun::supervisor::commands {
namespace {

/// One name a line.
std::string names_of(const std::vector<PodView>& pods) {
  std::string lines;
  for (const PodView& pod : pods) lines += pod::pod_name(id_of(pod)) + "\n";
  return lines;
}

}  // namespace

ExitStatus ps(const Invocation& invocation) {
  const Options& options = invocation.options;
  const NamedPods named = find_pods(invocation.layout, options);
  std::vector<PodView> pods = find_views(invocation.layout, options.all || !options.operands.empty());
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
  if (!pods.empty()) return greatest(status, print(pod_table(pods, wall_now(), options.format == Format::Wide)));
  if (options.operands.empty()) note(options.all ? "no pods" : "no pod runs");
  return status;
}

}  // namespace podrun::supervisor::commands

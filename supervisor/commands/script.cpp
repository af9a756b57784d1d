// podrun script: prints a pod as a shell script.
#include "pod/script/script.hpp"

#include "supervisor/cli/load_pods.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/installed_programs.hpp"

namespace podrun::supervisor::commands {

ExitStatus script(const Invocation& invocation) {
  const auto sources = read_sources(invocation.options.operands);
  if (!sources) return report_error(sources.error());
  PodsRequest request{.selection = selection_of(invocation.options),
                      .common = load_request(invocation.layout, folder_of(invocation.program)),
                      .uid = [](const pod::Pod& pod) { return pod::pod_id(pod.metadata); },
                      .only_one = true};
  // Not the storage of podrun's pods, from which podrun removes what belongs to no running pod.
  request.common.storage = invocation.layout.root() + "/var/lib/podrun/by-hand";
  const auto loaded = load_pods(*sources, request);
  if (!loaded) return report_error(loaded.error());
  warn(loaded->warnings);
  return print(pod::to_script(loaded->pods.front().plan));
}

}  // namespace podrun::supervisor::commands

// podrun script: prints a pod as a shell script.
#include "pod/script/script.hpp"

#include "supervisor/cli/manifest_sources.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/installed_programs.hpp"
#include "supervisor/state/load.hpp"

namespace podrun::supervisor::commands {

ExitStatus script(const Invocation& invocation) {
  auto chosen = select_pod(invocation.options);
  if (!chosen) return report_error(chosen.error());
  warn(chosen->warnings);
  auto& [pod, source] = chosen->pods.front();
  LoadRequest request = load_request(invocation.layout, folder_of(invocation.program));
  request.uid = pod::pod_id(pod.metadata);
  // Not the storage of podrun's pods, from which podrun removes what belongs to no running pod.
  request.storage = invocation.layout.root() + "/var/lib/podrun/by-hand";
  request.pod = std::move(pod);
  request.source = std::move(source);
  const auto loaded = load(std::move(request));
  if (!loaded) return report_error(loaded.error());
  return print(pod::to_script(loaded->plan));
}

}  // namespace podrun::supervisor::commands

// podrun plan: shows every step of a pod's start without performing any.
#include "pod/plan/describe.hpp"
#include "supervisor/cli/manifest_sources.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/installed_programs.hpp"
#include "supervisor/state/load.hpp"

namespace podrun::supervisor::commands {

ExitStatus plan(const Invocation& invocation) {
  const Options& options = invocation.options;
  auto chosen = select_pod(options);
  if (!chosen) return report_error(chosen.error());
  warn(chosen->warnings);
  LoadRequest request = load_request(invocation.layout, folder_of(invocation.program));
  request.pod = std::move(chosen->pods.front().pod);
  request.source = std::move(chosen->pods.front().source);
  request.uid = "<uid>";
  const auto loaded = load(std::move(request));
  if (!loaded) return report_error(loaded.error());
  return print(options.format == Format::Json ? pod::to_json(loaded->plan) : pod::to_text(loaded->plan));
}

}  // namespace podrun::supervisor::commands

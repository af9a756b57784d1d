// podrun script: the same pod as a shell script.
#include "pod/script/script.hpp"

#include "supervisor/cli/manifest_sources.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/installed_programs.hpp"
#include "supervisor/state/load.hpp"

namespace podrun::supervisor::commands {

ExitStatus script(const Invocation& invocation) {
  const Options& options = invocation.options;
  const auto sources = read_sources(options.operands);
  if (!sources) return report_error(sources.error());
  auto chosen = select_pod(*sources, selection_of(options));
  if (!chosen) return report_error(chosen.error());
  warn(chosen->warnings);
  auto& [pod, source] = chosen->pods.front();
  const std::string id = pod::pod_id(pod.metadata);
  // A place of its own: what lies with the pods of podrun is podrun's to remove.
  const auto loaded = load({.pod = std::move(pod),
                            .text = {},
                            .source = source,
                            .uid = id,
                            .storage = invocation.layout.root() + "/var/lib/podrun/by-hand",
                            .claims = invocation.layout.claims(),
                            .image_roots = invocation.layout.image_roots(folder_of(invocation.program)),
                            .seccomp_profiles = invocation.layout.seccomp_profiles()});
  if (!loaded) return report_error(loaded.error());
  return print(pod::to_script(loaded->plan));
}

}  // namespace podrun::supervisor::commands

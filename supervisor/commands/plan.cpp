// podrun plan: every step of a pod's start, none of them taken.
#include "pod/plan/describe.hpp"
#include "supervisor/cli/manifest_sources.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/installed_programs.hpp"
#include "supervisor/state/load.hpp"

namespace podrun::supervisor::commands {

ExitStatus plan(const Invocation& invocation) {
  const Options& options = invocation.options;
  const auto sources = read_sources(options.operands);
  if (!sources) return report_error(sources.error());
  auto chosen = select_pod(*sources, selection_of(options));
  if (!chosen) return report_error(chosen.error());
  warn(chosen->warnings);
  const auto loaded = load({.pod = std::move(chosen->pods.front().pod),
                            .text = {},
                            .source = chosen->pods.front().source,
                            .uid = "<uid>",
                            .storage = invocation.layout.storage(),
                            .claims = invocation.layout.claims(),
                            .image_roots = invocation.layout.image_roots(folder_of(invocation.program)),
                            .seccomp_profiles = invocation.layout.seccomp_profiles()});
  if (!loaded) return report_error(loaded.error());
  return print(options.format == Format::Json ? pod::to_json(loaded->plan) : pod::to_text(loaded->plan));
}

}  // namespace podrun::supervisor::commands

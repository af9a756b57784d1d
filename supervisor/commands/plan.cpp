// podrun plan: shows every step of a pod's start without performing any.
#include <utility>

#include "pod/plan/describe.hpp"
#include "supervisor/cli/load_pods.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/installed_programs.hpp"

namespace podrun::supervisor::commands {

ExitStatus plan(const Invocation& invocation) {
  const Options& options = invocation.options;
  const auto sources = read_sources(options.operands);
  if (!sources) return report_error(sources.error());
  LoadRequest common = load_request(invocation.layout, folder_of(invocation.program));
  common.fetching = Fetching::Foreseen;
  const auto loaded = load_pods(*sources, {.selection = selection_of(options),
                                           .common = std::move(common),
                                           .uid = [](const pod::Pod&) { return "<uid>"; },
                                           .only_one = true});
  if (!loaded) return report_error(loaded.error());
  warn(loaded->warnings);
  const pod::PodPlan& plan = loaded->pods.front().plan;
  return print(options.format == Format::Json ? pod::to_json(plan) : pod::to_text(plan));
}

}  // namespace podrun::supervisor::commands

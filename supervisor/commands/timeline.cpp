// podrun timeline: where a pod's start went.
#include "supervisor/timeline.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "namespaces/files.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/commands/say.hpp"
#include "supervisor/find_pod.hpp"
#include "supervisor/runs.hpp"
#include "supervisor/timeline_svg.hpp"

namespace podrun::supervisor::commands {

ExitStatus timeline(const Invocation& invocation) {
  const auto id = find_pod(invocation.layout, invocation.options);
  if (!id) return complain(id.error());
  const std::vector<LoggedRun> runs = logged_runs(invocation.layout);
  const auto newest = std::ranges::find(runs, *id, &LoggedRun::id);
  const auto text = ns::read_file((newest == runs.end() ? "" : newest->directory) + "/timeline.json");
  if (!text)
    return complain(ExitStatus::Failed, fmt::format("pod {} has no timeline: its supervisor was replaced while it started, or "
                                                    "it never started ({})", *id, text.error().message));
  if (invocation.options.format == Format::Json) return print(*text);
  const auto parsed = parse_timeline(*text);
  if (!parsed) return complain(ExitStatus::Failed, parsed.error().message);
  return print(invocation.options.format == Format::Svg ? to_svg(*parsed) : to_text(*parsed));
}

}  // namespace podrun::supervisor::commands

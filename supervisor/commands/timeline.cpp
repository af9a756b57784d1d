// podrun timeline: shows how long each step of a pod's start took.
#include "supervisor/state/timeline.hpp"

#include <fmt/format.h>

#include "pod/spec/pod_name.hpp"
#include "supervisor/cli/pod_operands.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/history/event_log.hpp"
#include "supervisor/history/find_view.hpp"
#include "supervisor/history/stop_timeline.hpp"
#include "supervisor/show/timeline_svg.hpp"

namespace podrun::supervisor::commands {

ExitStatus timeline(const Invocation& invocation) {
  const auto operand = find_operand(invocation.layout, invocation.options);
  if (!operand) return report_error(operand.error());
  const std::string& id = operand->id;
  const ns::DirectoryHandle folder = last_log_folder(invocation.layout, id);
  const auto text = folder.read_file("timeline.json");
  if (!text)
    return report_error(ExitStatus::Failed,
                        fmt::format("pod {} has no timeline: its supervisor was replaced while it started, or "
                                    "it never started ({})",
                                    pod::pod_name(id), text.error().message));
  if (invocation.options.format == Format::Json) return print(*text);
  const auto parsed = parse_timeline(*text);
  if (!parsed) return report_error(ExitStatus::Failed, parsed.error().message);
  return print(invocation.options.format == Format::Svg ? to_svg(*parsed)
                                                         : to_text(*parsed) + stop_text(read_events(folder)));
}

}  // namespace podrun::supervisor::commands

// podrun timeline: shows how long each step of a pod's start took.
#include "supervisor/state/timeline.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "namespaces/paths/directory_handle.hpp"
#include "pod/spec/pod_name.hpp"
#include "supervisor/cli/pod_operands.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/show/timeline_svg.hpp"
#include "supervisor/state/logged_runs.hpp"
#include "supervisor/state/state_file.hpp"

namespace podrun::supervisor::commands {

namespace {

/// The last run of a pod. For one that runs this is not the one whose logs were changed last: a start removes old logs.
std::string last_run(const Layout& layout, const std::string& id) {
  if (const auto record = read_state(layout, id)) return record->uid;
  const std::vector<LoggedRun> runs = logged_runs(layout);
  const auto newest = std::ranges::find(runs, id, &LoggedRun::id);
  return newest == runs.end() ? "" : newest->uid;
}

}  // namespace

ExitStatus timeline(const Invocation& invocation) {
  const auto operand = find_operand(invocation.layout, invocation.options);
  if (!operand) return report_error(operand.error());
  const std::string& id = operand->id;
  ns::DirectoryHandle folder = invocation.layout.log_folder(id, last_run(invocation.layout, id));
  (void)folder.open();  // if this fails, reading the file fails, too
  const auto text = folder.read_file("timeline.json");
  if (!text)
    return report_error(ExitStatus::Failed,
                        fmt::format("pod {} has no timeline: its supervisor was replaced while it started, or "
                                    "it never started ({})",
                                    pod::pod_name(id), text.error().message));
  if (invocation.options.format == Format::Json) return print(*text);
  const auto parsed = parse_timeline(*text);
  if (!parsed) return report_error(ExitStatus::Failed, parsed.error().message);
  return print(invocation.options.format == Format::Svg ? to_svg(*parsed) : to_text(*parsed));
}

}  // namespace podrun::supervisor::commands

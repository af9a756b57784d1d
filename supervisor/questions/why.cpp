// podrun why: tells why a pod, or a container of it, is as it is.
#include "supervisor/history/why.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "pod/spec/pod_name.hpp"
#include "pod/text/joined.hpp"
#include "pod/text/utf8_text.hpp"
#include "supervisor/cli/pod_operands.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/history/event_log.hpp"
#include "supervisor/history/find_view.hpp"
#include "supervisor/questions/questions.hpp"

namespace podrun::supervisor::commands {

ExitStatus why(const Invocation& invocation) {
  const auto operand = find_operand(invocation.layout, invocation.options);
  if (!operand) return report_error(operand.error());
  const PodView pod = find_view(invocation.layout, operand->id);
  std::vector<std::string> names;
  for (const ContainerView& container : pod.containers) names.push_back(container.name);
  if (!operand->container.empty() && std::ranges::find(names, operand->container) == names.end())
    return report_error(ExitStatus::NameConflict,
                        fmt::format("pod {} has no container {}; it has {}", pod::pod_name(operand->id),
                                    pod::in_quotes(operand->container), pod::joined(names, ", ")));
  const auto events = read_events(last_log_folder(invocation.layout, operand->id));
  return print(supervisor::why(pod, events, operand->container, wall_now()) + "\n");
}

}  // namespace podrun::supervisor::commands

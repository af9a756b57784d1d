// podrun status: shows one pod, for people or as an object of Kubernetes.
#include "pod/json/json.hpp"
#include "pod/yaml/json_of.hpp"
#include "supervisor/cli/pod_operands.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/history/event_log.hpp"
#include "supervisor/history/find_view.hpp"
#include "supervisor/questions/questions.hpp"
#include "supervisor/show/status_text.hpp"

namespace podrun::supervisor::commands {

ExitStatus status(const Invocation& invocation) {
  const auto operand = find_operand(invocation.layout, invocation.options);
  if (!operand) return report_error(operand.error());
  const PodView pod = find_view(invocation.layout, operand->id);
  switch (invocation.options.format) {
    case Format::Json: return print(to_json(pod));
    case Format::Yaml: {
      const auto object = pod::json::parse(to_json(pod));
      return object ? print(pod::yaml::to_yaml(*object)) : report_error(ExitStatus::Bug, object.error().message);
    }
    case Format::Text:
    case Format::Wide:
    case Format::Dot:
    case Format::Svg: break;
  }
  return print(status_text(pod, read_events(last_log_folder(invocation.layout, operand->id)), wall_now()));
}

}  // namespace podrun::supervisor::commands

// The timeline of a pod's start.
#include "supervisor/engine/start_timeline.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "pod/plan/describe.hpp"

namespace podrun::supervisor {
namespace {

std::string words(const char* part, std::size_t index, const pod::StepText& text) {
  return fmt::format("{} {} {} {}", part, index + 1, text.action, text.detail);
}

/// The clock of a child's times: once the child has entered a time namespace, it is that of the namespace.
class ChildClock {
 public:
  explicit ChildClock(const pod::ContainerPlan& container) {
    for (const pod::HostStep& host : container.host) {
      const auto* const made = std::get_if<pod::host::MakeNamespace>(&host);
      if (made == nullptr || made->kind != pod::NamespaceKind::Time) continue;
      ahead_ = made->offsets.boottime;
      enters_ = std::ranges::find_if(container.child,
                                     [&](const pod::ChildStep& child) {
                                       const auto* const enter =
                                           std::get_if<pod::step::EnterNamespaces>(&child);
                                       return enter != nullptr && enter->of == made->to;
                                     }) -
                container.child.begin();
    }
  }

  /// The end of a step on the host's clock. `time` is the time that the child has read.
  BootTime after(std::size_t step, std::int64_t time) const {
    if (time == 0 || std::cmp_less(step, enters_)) return BootTime(time);
    return BootTime(time) - ahead_;
  }

 private:
  std::chrono::nanoseconds ahead_{0};
  std::ptrdiff_t enters_ = 0;
};

/// Adds the spans of a container's first launch. The supervisor performs the host steps and the clone, the child all
/// other steps.
void add_spans(const pod::ContainerPlan& container, const LaunchTimeline& times, std::vector<Span>& spans) {
  BootTime last{times.launch.begin};
  const auto add = [&](const std::string& who, const std::string& what, BootTime end) {
    if (end < last || end == BootTime(0)) return;  // the step was not done, or its time is not known
    spans.push_back({who, what, last, end});
    last = end;
  };
  for (std::size_t step = 0; step < times.launch.host.size(); ++step)
    add("podrun",
        words((container.name + ": host").c_str(), step, pod::describe(container.host[step], container)),
        BootTime(times.launch.host[step]));
  add("podrun", container.name + ": clone", BootTime(times.launch.cloned));
  add("podrun", container.name + ": register, open the gate", times.registered);
  last = BootTime(times.launch.child.at(0));
  const ChildClock clock(container);
  for (std::size_t step = 0; step < container.child.size(); ++step)
    add(container.name, words("child", step, pod::describe(container.child[step], container)),
        step + 1 < container.child.size() ? clock.after(step, times.launch.child.at(step + 1)) : times.exec_seen);
}

}  // namespace

std::optional<Timeline> timeline_of_start(const PodContext& pod, const std::vector<const LaunchTimeline*>& containers) {
  const std::vector<pod::SandboxStep>& steps = pod.plan.sandbox;
  if (pod.pause.step_times().size() != steps.size()) return std::nullopt;
  Timeline timeline{.pod = pod.plan.id, .spans = laps()};
  for (std::size_t index = 0; index < steps.size(); ++index) {
    const ns::StepTime& time = pod.pause.step_times()[index];
    timeline.spans.push_back({"pause", words("sandbox", index, pod::describe(steps[index])), BootTime(time.begin),
                              BootTime(time.end)});
  }
  for (std::size_t index = 0; index < containers.size(); ++index)
    if (containers[index] != nullptr) add_spans(pod.plan.containers[index], *containers[index], timeline.spans);
  return timeline;
}

}  // namespace podrun::supervisor

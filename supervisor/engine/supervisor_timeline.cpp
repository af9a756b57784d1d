// The timeline of the start: the laps of this process, and the steps of the pause and of each container.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "pod/plan/describe.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/engine/supervisor.hpp"

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

}  // namespace

/// Written only if the supervisor did not change during the start: a later one does not know the times of the first
/// one.
void Supervisor::write_timeline() const {
  if (pause_.step_times().size() != plan_.sandbox.size()) return;
  Timeline timeline{.pod = plan_.id, .spans = laps()};
  for (std::size_t index = 0; index < plan_.sandbox.size(); ++index) {
    const ns::StepTime& time = pause_.step_times()[index];
    timeline.spans.push_back({"pause", words("sandbox", index, pod::describe(plan_.sandbox[index])),
                              BootTime(time.begin), BootTime(time.end)});
  }
  for (std::size_t index = 0; index < instances_.size(); ++index) add_spans(index, timeline.spans);
  if (auto written = run_logs_.write_file("timeline.json", to_json(timeline), 0640); !written)
    log_warning("{}", written.error().message);
}

/// Adds the spans of a container's first launch. The supervisor performs the host steps and the clone, the child all
/// other steps.
void Supervisor::add_spans(std::size_t index, std::vector<Span>& spans) const {
  const pod::ContainerPlan& container = plan_.containers[index];
  const Instance& instance = instances_[index];
  const ns::LaunchTimes& times = instance.times;
  BootTime last{times.begin};
  const auto add = [&](const std::string& who, const std::string& what, BootTime end) {
    if (end < last || end == BootTime(0)) return;  // the step was not done, or its time is not known
    spans.push_back({who, what, last, end});
    last = end;
  };
  for (std::size_t step = 0; step < times.host.size(); ++step)
    add("podrun",
        words((container.name + ": host").c_str(), step, pod::describe(container.host[step], container)),
        BootTime(times.host[step]));
  add("podrun", container.name + ": clone", BootTime(times.cloned));
  add("podrun", container.name + ": register, open the gate", instance.gate_opened);
  last = BootTime(times.child.at(0));
  const ChildClock clock(container);
  for (std::size_t step = 0; step < container.child.size(); ++step)
    add(container.name, words("child", step, pod::describe(container.child[step], container)),
        step + 1 < container.child.size() ? clock.after(step, times.child.at(step + 1)) : instance.exec_seen);
}

}  // namespace podrun::supervisor

// Runs a scenario on the pure lifecycle: the containers' processes, the pause's register, the state file and the clock
// are data here.
#include "tests/supervisor/lifecycle/scenarios/machine_driver.hpp"

#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include <fmt/format.h>

#include "tests/supervisor/lifecycle/scenarios/machine_events.hpp"

namespace podrun::supervisor {
namespace {

using std::chrono::nanoseconds;

struct Process {
  int instance = 0;
  Registered::Exec exec = Registered::Exec::Pending;
  bool is_told = false;  ///< a supervisor has heard how the exec went
  bool terminated = false;
  bool oom_killed = false;
  bool is_killed = false;
  std::optional<BootTime> ends_at;
  std::optional<int> exit_code;
  ByKind<pod::HookKind, Registered::Hook, hook_kinds> hooks{};
};

class MachineDriver {
 public:
  explicit MachineDriver(const Scenario& scenario)
      : scenario_(scenario), spec_(spec_of(scenario, pod_start)), processes_(scenario.containers.size()) {
    memory_.containers.resize(scenario.containers.size());
    file_ = memory_;
  }

  ScenarioRun run() && {
    adopt();
    for (const ScenarioLine& line : scenario_.lines) {
      advance(pod_start + line.at);
      if (!line.happens) continue;
      run_.lines.push_back({.number = line.number, .at = now_ - pod_start, .happens = true, .text = line.text});
      if (!make_happen(line.text))
        run_.faults.push_back(fmt::format("{}:{}: not understood: {}", scenario_.file, line.number, line.text));
      settle();
    }
    return std::move(run_);
  }

 private:
  void say(std::string text) {
    if (!text.empty()) run_.lines.push_back({.at = now_ - pod_start, .text = std::move(text)});
  }

  // ---- the supervisor ----

  void handle(const PodEvent& event) {
    if (is_dead_ || is_over_) return;
    const PodStatus before = memory_;
    PodTransition made = step(spec_, before, event, now_);
    if (made.cell == TableCell::CannotHappen) run_.faults.push_back("an event came that cannot happen");
    memory_ = std::move(made.next);
    for (std::string& words : words_before_actions(scenario_, before, memory_)) say(std::move(words));
    for (const PodAction& action : made.actions) {
      say(words_for(scenario_, action, before, memory_));
      std::visit([&](const auto& each) { perform(action.container, each); }, action.action);
      note_done(memory_, action);
    }
    for (std::string& words : words_after_actions(scenario_, spec_, before, memory_)) say(std::move(words));
  }
  void of(std::size_t index, Event event) { handle(event::OfContainer{index, std::move(event)}); }

  void perform(std::size_t i, const action::Launch& launch) {
    if (processes_[i]) run_.faults.push_back(scenario_.containers[i].name + ": launched beside another instance");
    processes_[i] = Process{.instance = launch.instance};
    if (!scenario_.containers[i].is_slow) processes_[i]->exec = Registered::Exec::Succeeded;
  }
  void perform(std::size_t i, const action::Terminate&) {
    if (!processes_[i] || std::exchange(processes_[i]->terminated, true))
      return run_.faults.push_back(scenario_.containers[i].name + ": a second TERM, or nothing to send it to");
    if (const auto& after = scenario_.containers[i].ends_after) processes_[i]->ends_at = now_ + *after;
  }
  void perform(std::size_t i, const action::Kill&) {
    if (!processes_[i] || processes_[i]->exit_code) return;
    processes_[i]->is_killed = true;
    processes_[i]->ends_at = now_ + scenario_.containers[i].killed_after;
  }
  void perform(std::size_t, const action::Record&) {
    file_ = memory_;
    file_.progress = {};
    for (ContainerStatus& container : file_.containers) {
      container.probing = {};
      container.ending = container.ownerless = container.signalling = false;
    }
  }
  void perform(std::size_t i, const action::RunHook& hook) {
    if (processes_[i]) processes_[i]->hooks[hook.kind] = Registered::Hook::Found;
  }
  void perform(std::size_t i, const action::Reap&) { processes_[i].reset(); }
  void perform(std::size_t i, const action::Arm& arm) { timers_[{i, arm.name}] = arm; }
  void perform(std::size_t, const action::Finish&) { is_over_ = true; }
  template <typename Other>
  void perform(std::size_t, const Other&) {}

  void die() {
    is_dead_ = true;
    timers_.clear();
    memory_ = file_;
  }
  void adopt() {
    is_dead_ = false;
    std::vector<std::optional<Registered>> children;
    for (auto& process : processes_) {
      if (!process) {
        children.emplace_back();
        continue;
      }
      process->is_told = process->exec != Registered::Exec::Pending;
      children.push_back(Registered{.instance = process->instance,
                                    .exec = process->exec,
                                    .start_error = "it cannot run",
                                    .exit_code = process->exit_code,
                                    .terminated = process->terminated,
                                    .oom_killed = process->oom_killed,
                                    .hooks = process->hooks});
    }
    handle(event::Adopted{std::move(children)});
    for (const PodEvent& stop : std::exchange(meanwhile_, {})) handle(stop);
    handle(event::PodStart{});
    settle();
  }

  // ---- time ----

  /// All that is due at this instant.
  void settle() {
    for (bool again = true; again && !is_dead_ && !is_over_;) {
      again = false;
      for (std::size_t i = 0; i < processes_.size() && !again; ++i) again = hear(i);
      if (!again) again = fire();
    }
  }
  bool hear(std::size_t i) {
    auto& process = processes_[i];
    if (!process) return false;
    if (process->exec != Registered::Exec::Pending && !std::exchange(process->is_told, true)) {
      const bool succeeded = process->exec == Registered::Exec::Succeeded;
      of(i, succeeded ? Event(event::ExecOk{}) : Event(event::ExecFailed{"it cannot run"}));
      return true;
    }
    end_by_itself(*process, i);
    if (!process->exit_code) return false;
    of(i, event::Exited{.exit_code = *process->exit_code, .oom_killed = process->oom_killed});
    return true;
  }
  void end_by_itself(Process& process, std::size_t i) {
    if (process.exit_code || !process.ends_at || *process.ends_at > now_) return;
    process.exit_code = process.is_killed ? lost_exit_code : scenario_.containers[i].ends_with;
  }
  bool fire() {
    for (auto timer = timers_.begin(); timer != timers_.end(); ++timer) {
      if (timer->second.due > now_) continue;
      const auto [whose, arm] = *timer;
      timers_.erase(timer);
      if (whose.first == whole_pod) handle(event::PodTimer{arm.name, arm.generation});
      else of(whose.first, event::Timer{arm.name, arm.generation});
      return true;
    }
    return false;
  }
  void advance(BootTime to) {
    while (!is_over_) {
      BootTime next = BootTime::max();
      for (const auto& [whose, arm] : timers_) next = std::min(next, arm.due);
      for (const auto& process : processes_)
        if (process && process->ends_at && !process->exit_code) next = std::min(next, *process->ends_at);
      if (is_dead_) next = std::min(next, adopted_at_);
      if (next > to) break;
      now_ = std::max(now_, next);
      for (std::size_t i = 0; i < processes_.size(); ++i)
        if (processes_[i]) end_by_itself(*processes_[i], i);
      if (is_dead_ && adopted_at_ <= now_) adopt();
      else settle();
    }
    now_ = to;
  }

  // ---- what a scenario makes happen ----

  bool make_happen(const std::string& text) {
    const std::string message = text.find(": ") == std::string::npos ? "" : text.substr(text.find(": ") + 2);
    std::vector<std::string> words = words_of(text.substr(0, text.find(": ")));
    if (text == "nothing happens") return true;
    if (words[0] == "stop") return stop(words);
    if (words[0] == "supervisor") return kill_supervisor(words);
    if (words.size() == 4 && words[1] == "of") return of_part(words, message);
    if (text.starts_with("the result of ")) return lose(words);
    return of_process(words);
  }
  bool stop(const std::vector<std::string>& words) {
    event::PodStop stop;
    if (words.size() == 3 && words[1] == "grace") stop.grace = parse_seconds(words[2]);
    else if (words.size() != 1) return false;
    if (is_dead_) meanwhile_.push_back(stop);
    handle(stop);
    return true;
  }
  /// "supervisor dies", "supervisor dies for 5s".
  bool kill_supervisor(const std::vector<std::string>& words) {
    if (words.size() < 2 || words[1] != "dies") return false;
    die();
    adopted_at_ = now_;
    if (words.size() == 4) adopted_at_ += parse_seconds(words[3]).value_or(nanoseconds{0});
    else adopt();
    return true;
  }
  /// "liveness of web fails", "preStop of web succeeds", "image of web comes".
  bool of_part(const std::vector<std::string>& words, const std::string& message) {
    const std::size_t i = scenario_.index_of(words[2]);
    if (i == processes_.size()) return false;
    const bool succeeds = words[3] == "succeeds" || words[3] == "comes";
    if (!succeeds && words[3] != "fails") return false;
    if (words[0] == "image") {
      spec_.containers[i].image = succeeds ? Image::Present : Image::Unavailable;
      handle(event::ImageChanged{});
      return true;
    }
    const int instance = memory_.containers[i].instance;
    for (const auto& [name, kind] : {std::pair{"startup", pod::ProbeKind::Startup},
                                     {"liveness", pod::ProbeKind::Liveness},
                                     {"readiness", pod::ProbeKind::Readiness}})
      if (words[0] == name) return of(i, event::ProbeResult{instance, kind, succeeds, message}), true;
    for (const auto& [name, kind] :
         {std::pair{"postStart", pod::HookKind::PostStart}, {"preStop", pod::HookKind::PreStop}})
      if (words[0] == name) {
        const event::OfContainer ended{i, event::HookEnded{instance, kind, succeeds, message}};
        if (is_dead_) meanwhile_.push_back(ended);
        return handle(ended), true;
      }
    return false;
  }
  /// "the result of preStop of web is lost": as if a supervisor died when the hook had ended, before that was on record.
  bool lose(const std::vector<std::string>& words) {
    if (words.size() != 8) return false;
    const std::size_t i = scenario_.index_of(words[5]);
    if (i == processes_.size() || !processes_[i]) return false;
    processes_[i]->hooks[words[3] == "preStop" ? pod::HookKind::PreStop : pod::HookKind::PostStart] =
        Registered::Hook::Missing;
    return true;
  }
  /// "web exits 1", "web is OOM-killed", "web runs", "web cannot run".
  bool of_process(const std::vector<std::string>& words) {
    const std::size_t i = scenario_.index_of(words[0]);
    if (i == processes_.size() || words.size() < 2) return false;
    if (!processes_[i]) return run_.faults.push_back(words[0] + " has no process"), true;
    Process& process = *processes_[i];
    if (words.size() == 3 && words[1] == "exits") process.exit_code = std::stoi(words[2]);
    else if (words.size() == 3 && words[2] == "OOM-killed") process.exit_code = 137, process.oom_killed = true;
    else if (words[1] == "runs") process.exec = Registered::Exec::Succeeded;
    else if (words[1] == "cannot") process.exec = Registered::Exec::Failed, process.exit_code = 128;
    else return false;
    return true;
  }

  const Scenario& scenario_;
  LifecycleSpec spec_;
  PodStatus memory_, file_;
  BootTime now_ = pod_start;
  BootTime adopted_at_{0};
  std::vector<std::optional<Process>> processes_;
  std::map<std::pair<std::size_t, TimerName>, action::Arm> timers_;
  std::vector<PodEvent> meanwhile_;  ///< while no supervisor lived
  bool is_dead_ = false;
  bool is_over_ = false;
  ScenarioRun run_;
};

}  // namespace

ScenarioRun run_on_machine(const Scenario& scenario) { return MachineDriver(scenario).run(); }

}  // namespace podrun::supervisor

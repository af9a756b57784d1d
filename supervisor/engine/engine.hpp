// The engine: queue of events → lifecycle → actions. It decides nothing.
#pragma once

#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <utility>

#include "supervisor/core/event_loop.hpp"
#include "supervisor/engine/pod_context.hpp"
#include "supervisor/history/event_log.hpp"
#include "supervisor/lifecycle/pod_lifecycle.hpp"
#include "supervisor/state/state_file.hpp"

namespace podrun::supervisor {

/// What the engine needs of the supervisor.
struct EnginePorts {
  /// Performs an action, except Record and Arm.
  std::function<void(const PodAction&)> perform;
  /// The pod has begun to stop.
  std::function<void(std::chrono::nanoseconds grace)> stopping;
  /// All events so far are handled.
  std::function<void()> settled;
};

/// Applies events to the pod's status, one after the other, and has the actions performed.
class Engine {
 public:
  /// `logs`: the folder of the run's logs.
  Engine(PodContext& pod, const ns::DirectoryHandle& logs, EnginePorts ports);

  /// Handles an event. An event that an action causes is handled after the actions of the present one.
  void handle(PodEvent event);

  /// The image of a container has come, or could not be fetched. What is on record about it is written first.
  void change_image(std::size_t container, Image image);
  /// Writes an event that is no step of the lifecycle.
  void note(const LoggedEvent& event);

  /// Writes the state file. An error is logged.
  void record();
  /// Whether the last one was written.
  bool is_on_record() const { return is_on_record_; }

  const LifecycleSpec& spec() const { return spec_; }

 private:
  void handle_next();
  bool is_about_to_abort() const;
  void perform(const PodAction& action);
  void arm(std::size_t container, const action::Arm& arm);
  std::string name_in_messages(std::size_t index) const;
  void append(const std::vector<LoggedEvent>& events);
  void write_events(const PodStatus& before, const PodEvent& event, BootTime now);
  void log_transitions(const PodStatus& before, const PodEvent& event, BootTime now) const;

  PodContext& pod_;
  EnginePorts ports_;
  LifecycleSpec spec_;
  StateFile state_;
  EventLog events_;
  bool in_trouble_ = false;  ///< events cannot be written
  std::map<std::pair<std::size_t, TimerName>, EventSource> timers_;  ///< by container or whole_pod
  std::deque<PodEvent> queue_;
  bool handling_ = false;
  bool is_on_record_ = true;
};

}  // namespace podrun::supervisor

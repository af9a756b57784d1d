// An event of a pod, as Kubernetes has them: what has changed, and why. The lines of events.jsonl. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "pod/json/value.hpp"
#include "pod/spec/policies.hpp"
#include "supervisor/core/times.hpp"

namespace podrun::supervisor {

/// One event. Reasons and types are those of Kubernetes.
struct LoggedEvent {
  /// The same if the same transition is written twice, because a supervisor was killed between the event and its record:
  /// "app/2/Started", CONTAINER/INSTANCE/WHAT.
  std::string id;
  WallTime time;
  bool is_warning = false;  ///< type Warning; else Normal
  std::string reason;       ///< Created, Started, Unhealthy, Killing, BackOff, …
  std::string container;    ///< "": it is about the pod
  pod::ContainerRole role = pod::ContainerRole::App;
  int instance = -1;  ///< of the container, from 0
  std::string message;
  std::string output = "";  ///< of a hook or an exec probe that has failed: the end of what it has printed

  bool operator==(const LoggedEvent&) const = default;
};

/// The line of events.jsonl, with its newline.
std::string to_line(const LoggedEvent& event);
/// The inverse, without the newline. Empty if it is no such line: it was not written to its end.
std::optional<LoggedEvent> parse_event_line(std::string_view line);

/// The pod that events are about.
struct EventSubject {
  std::string name;
  std::string namespace_name;
  std::string uid;
};
/// The event as an object of Kubernetes: {"apiVersion":"v1","kind":"Event",…}.
pod::json::Value to_object(const LoggedEvent& event, const EventSubject& subject);
/// {"apiVersion":"v1","kind":"List","items":[…]}, indented.
std::string to_json(const std::vector<LoggedEvent>& events, const EventSubject& subject);

/// "pod/web" or "pod/web/app": what an event is about.
std::string object_of(const LoggedEvent& event, std::string_view pod_name);

}  // namespace podrun::supervisor

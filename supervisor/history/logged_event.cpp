// An event as a line of events.jsonl, and as Kubernetes' Event.
#include "supervisor/history/logged_event.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

#include "pod/json/json.hpp"
#include "pod/json/reader.hpp"

namespace podrun::supervisor {
namespace {

namespace json = pod::json;
using json::object;

constexpr std::array<std::string_view, 2> types{"Normal", "Warning"};
constexpr std::array<std::string_view, 3> roles{"Init", "Sidecar", "App"};

/// A name of an object, which has no capital letters and no slashes: "web.app.2.started".
std::string name_of(const LoggedEvent& event, const std::string& pod) {
  std::string name = pod + "." + event.id;
  for (char& c : name) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if (c == '/') c = '.';
  }
  return name;
}

}  // namespace

std::string to_line(const LoggedEvent& event) {
  json::Value line = object({{"id", event.id},
                             {"time", rfc3339(event.time)},
                             {"type", types.at(event.is_warning ? 1 : 0)},
                             {"reason", event.reason}});
  if (!event.container.empty()) {
    line["container"] = event.container;
    line["role"] = roles.at(static_cast<std::size_t>(event.role));
    line["instance"] = event.instance;
  }
  line["message"] = event.message;
  if (!event.output.empty()) line["output"] = event.output;
  return json::dump(line) + "\n";
}

std::optional<LoggedEvent> parse_event_line(std::string_view line) {
  const auto parsed = json::parse(line);
  if (!parsed || !parsed->is_object()) return std::nullopt;
  std::string error;
  const json::Reader from(*parsed, error);
  const auto time = parse_rfc3339(from.text("time"));
  LoggedEvent event{.id = from.text("id"),
                    .time = time.value_or(WallTime{}),
                    .is_warning = from.word("type", types) == 1,
                    .reason = from.text("reason"),
                    .container = from.text_or("container", ""),
                    .instance = from.number_or<int>("instance", -1),
                    .message = from.text("message"),
                    .output = from.text_or("output", "")};
  if (from.has("role")) event.role = static_cast<pod::ContainerRole>(from.word("role", roles));
  if (!time || !error.empty()) return std::nullopt;
  return event;
}

json::Value to_object(const LoggedEvent& event, const EventSubject& subject) {
  json::Value about = object({{"apiVersion", "v1"},
                              {"kind", "Pod"},
                              {"name", subject.name},
                              {"namespace", subject.namespace_name},
                              {"uid", subject.uid}});
  if (!event.container.empty())
    about["fieldPath"] = fmt::format("spec.{}{{{}}}", event.role == pod::ContainerRole::App ? "containers"
                                                                                            : "initContainers",
                                     event.container);
  const std::string time = rfc3339(event.time);
  json::Value metadata = object({{"name", name_of(event, subject.name)},
                                 {"namespace", subject.namespace_name},
                                 {"creationTimestamp", time}});
  if (!event.output.empty()) metadata["annotations"] = object({{"podrun.io/output", event.output}});
  return object({{"apiVersion", "v1"},
                 {"kind", "Event"},
                 {"metadata", std::move(metadata)},
                 {"involvedObject", std::move(about)},
                 {"type", types.at(event.is_warning ? 1 : 0)},
                 {"reason", event.reason},
                 {"message", event.message},
                 {"count", 1},
                 {"firstTimestamp", time},
                 {"lastTimestamp", time},
                 {"source", object({{"component", "podrun"}})}});
}

std::string to_json(const std::vector<LoggedEvent>& events, const EventSubject& subject) {
  json::Value items = json::array();
  for (const LoggedEvent& event : events) items.push_back(to_object(event, subject));
  return json::dump_lines(object({{"apiVersion", "v1"}, {"kind", "List"}, {"items", std::move(items)}}), 2);
}

std::string object_of(const LoggedEvent& event, std::string_view pod_name) {
  return event.container.empty() ? fmt::format("pod/{}", pod_name)
                                 : fmt::format("pod/{}/{}", pod_name, event.container);
}

}  // namespace podrun::supervisor

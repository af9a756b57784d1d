// PodView ⇄ JSON, in Kubernetes' field names.
#include <utility>

#include <fmt/format.h>

#include "pod/json/json.hpp"
#include "pod/json/reader.hpp"
#include "supervisor/state/pod_view.hpp"

namespace podrun::supervisor {
namespace {

namespace json = pod::json;
using json::object, json::Reader;
using pod::ContainerRole;
using Json = json::Value;

// ---- writing: what is empty is left out, as Kubernetes does ----

void put(Json& members, const char* name, const std::string& text) {
  if (!text.empty()) members[name] = text;
}
void put(Json& members, const char* name, const std::optional<WallTime>& time) {
  if (time) members[name] = rfc3339(*time);
}

/// The first address, and all of them as objects: {"ip": ADDRESS}.
void put_addresses(Json& members, const char* one, const char* all, const std::vector<std::string>& addresses) {
  if (addresses.empty()) return;
  members[one] = addresses.front();
  members[all] = json::array();
  for (const std::string& address : addresses) members[all].push_back(object({{"ip", address}}));
}

Json json_of(const WaitingView& state) {
  Json members = object();
  put(members, "reason", state.reason);
  put(members, "message", state.message);
  return object({{"waiting", std::move(members)}});
}
Json json_of(const RunningView& state) {
  Json members = object();
  put(members, "startedAt", state.started);
  return object({{"running", std::move(members)}});
}
Json json_of(const TerminatedView& state) {
  Json members = object({{"exitCode", state.exit_code}});
  put(members, "reason", state.reason);
  put(members, "message", state.message);
  put(members, "startedAt", state.started);
  put(members, "finishedAt", state.finished);
  return object({{"terminated", std::move(members)}});
}

Json json_of(const ContainerView& container) {
  return object({{"name", container.name},
                 {"image", container.image},
                 {"imageID", container.image_id},
                 {"ready", container.ready},
                 {"started", container.started},
                 {"restartCount", container.restart_count},
                 {"state", std::visit([](const auto& state) { return json_of(state); }, container.state)},
                 {"lastState", container.last_state ? json_of(*container.last_state) : object()}});
}

/// What tells a sidecar from another init container, and makes the object a whole Pod.
Json spec_of(const ContainerView& container) {
  Json members = object({{"name", container.name}, {"image", container.image}});
  if (container.role == ContainerRole::Sidecar) members["restartPolicy"] = "Always";
  return members;
}

Json json_of(const ConditionView& condition) {
  Json members = object({{"type", condition.type}, {"status", condition.holds ? "True" : "False"}});
  put(members, "reason", condition.reason);
  put(members, "message", condition.message);
  put(members, "lastTransitionTime", condition.changed);
  return members;
}

/// The object of that member, or an empty one.
Json object_or_empty(const Json& value) { return value.is_object() ? value : object(); }

Json json_of(const PodView& pod) {
  Json metadata = object_or_empty(pod.given.metadata);
  metadata["name"] = pod.name;
  metadata["namespace"] = pod.namespace_name;
  put(metadata, "uid", pod.uid);
  put(metadata, "creationTimestamp", pod.created);
  put(metadata, "deletionTimestamp", pod.deletion);
  Json status = object({{"phase", pod.phase}});
  put(status, "reason", pod.reason);
  put(status, "message", pod.message);
  put(status, "startTime", pod.created);
  put_addresses(status, "hostIP", "hostIPs", pod.host_ips);
  put_addresses(status, "podIP", "podIPs", pod.pod_ips);
  put(status, "qosClass", pod.given.qos_class);
  if (!pod.conditions.empty()) {
    status["conditions"] = json::array();
    for (const ConditionView& condition : pod.conditions) status["conditions"].push_back(json_of(condition));
  }
  Json inits = json::array(), apps = json::array(), init_specs = json::array(), app_specs = json::array();
  for (const ContainerView& container : pod.containers) {
    const bool is_app = container.role == ContainerRole::App;
    (is_app ? apps : inits).push_back(json_of(container));
    (is_app ? app_specs : init_specs).push_back(spec_of(container));
  }
  Json spec = object_or_empty(pod.given.spec);
  const bool is_given = pod.given.spec.is_object();
  if (!inits.items().empty()) {
    if (!is_given) spec["initContainers"] = std::move(init_specs);
    status["initContainerStatuses"] = std::move(inits);
  }
  if (!is_given) spec["containers"] = std::move(app_specs);
  status["containerStatuses"] = std::move(apps);
  return object({{"apiVersion", "v1"},
                 {"kind", "Pod"},
                 {"metadata", std::move(metadata)},
                 {"spec", std::move(spec)},
                 {"status", std::move(status)}});
}

// ---- reading ----

std::string read_text(const Reader& from, const char* name) {
  return from.text_or(name, "");
}

std::optional<WallTime> read_time(const Reader& from, const char* name) {
  return parse_rfc3339(read_text(from, name));
}

TerminatedView read_terminated(const Reader& from) {
  return {.exit_code = from.number<int>("exitCode"),
          .reason = read_text(from, "reason"),
          .message = read_text(from, "message"),
          .started = read_time(from, "startedAt"),
          .finished = read_time(from, "finishedAt")};
}

decltype(ContainerView::state) read_state(const Reader& from) {
  if (from.has("terminated")) return read_terminated(from.member("terminated"));
  if (from.has("running")) return RunningView{read_time(from.member("running"), "startedAt")};
  const Reader waiting = from.member("waiting");
  return WaitingView{.reason = read_text(waiting, "reason"), .message = read_text(waiting, "message")};
}

ContainerView read_container(const Reader& from) {
  ContainerView view{.name = from.text("name"),
                     .image = read_text(from, "image"),
                     .image_id = read_text(from, "imageID"),
                     .ready = from.flag("ready"),
                     .restart_count = from.number<int>("restartCount"),
                     .state = read_state(from.member("state")),
                     .last_state = std::nullopt,
                     .started = from.flag_or("started", false)};
  const Reader last = from.member("lastState");
  if (last.has("terminated")) view.last_state = read_terminated(last.member("terminated"));
  return view;
}

ConditionView read_condition(const Reader& from) {
  return {.type = from.text("type"),
          .holds = from.text("status") == "True",
          .reason = read_text(from, "reason"),
          .message = read_text(from, "message"),
          .changed = read_time(from, "lastTransitionTime")};
}

std::vector<std::string> read_addresses(const Reader& status, const char* all) {
  std::vector<std::string> addresses;
  if (status.has(all))
    for (const Json& each : status.items(all)) addresses.push_back(status.item(each).text("ip"));
  return addresses;
}

/// A status.json of an older podrun has no spec; it has no init containers either.
void mark_sidecars(const Reader& from, PodView& view) {
  if (!from.has("spec") || !from.member("spec").has("initContainers")) return;
  const Reader spec = from.member("spec");
  std::size_t index = 0;
  for (const Json& container : spec.items("initContainers")) {
    if (index == view.containers.size()) return;
    if (spec.item(container).has("restartPolicy")) view.containers[index].role = ContainerRole::Sidecar;
    ++index;
  }
}

}  // namespace

std::string to_json(const PodView& pod) {
  return json::dump_lines(json_of(pod), 2);
}

std::string to_json(const std::vector<PodView>& pods) {
  Json items = json::array();
  for (const PodView& pod : pods) items.push_back(json_of(pod));
  return json::dump_lines(object({{"apiVersion", "v1"}, {"kind", "List"}, {"items", std::move(items)}}), 2);
}

std::string to_json(const GivenPod& given) {
  return json::dump(object({{"metadata", given.metadata}, {"spec", given.spec}, {"qosClass", given.qos_class}}));
}

GivenPod parse_given_pod(std::string_view text) {
  const auto parsed = json::parse(text);
  if (!parsed) return {};
  std::string ignored;
  const Reader from(*parsed, ignored);
  return {.metadata = from.member("metadata").value(),
          .spec = from.member("spec").value(),
          .qos_class = read_text(from, "qosClass")};
}

Result<PodView> parse_pod_json(std::string_view text) {
  const auto parsed = json::parse(text);
  if (!parsed) return fail(fmt::format("not the status of a pod: {}", parsed.error().message));
  std::string error;
  const Reader from(*parsed, error);
  const Reader metadata = from.member("metadata");
  const Reader status = from.member("status");
  PodView view{.name = metadata.text("name"),
               .namespace_name = metadata.text("namespace"),
               .uid = read_text(metadata, "uid"),
               .phase = status.text("phase"),
               .reason = read_text(status, "reason"),
               .message = read_text(status, "message"),
               .created = read_time(metadata, "creationTimestamp"),
               .deletion = read_time(metadata, "deletionTimestamp"),
               .containers = {}};
  if (status.has("initContainerStatuses"))
    for (const Json& container : status.items("initContainerStatuses")) {
      view.containers.push_back(read_container(status.item(container)));
      view.containers.back().role = ContainerRole::Init;
    }
  for (const Json& container : status.items("containerStatuses"))
    view.containers.push_back(read_container(status.item(container)));
  mark_sidecars(from, view);
  if (status.has("conditions"))
    for (const Json& condition : status.items("conditions"))
      view.conditions.push_back(read_condition(status.item(condition)));
  view.pod_ips = read_addresses(status, "podIPs");
  view.host_ips = read_addresses(status, "hostIPs");
  if (from.has("spec"))
    view.given = {.metadata = metadata.value(),
                  .spec = from.member("spec").value(),
                  .qos_class = read_text(status, "qosClass")};
  if (!error.empty()) return fail(fmt::format("not the status of a pod: {}", error));
  return view;
}

}  // namespace podrun::supervisor

// PodView ⇄ JSON, in Kubernetes' field names. No exception of nlohmann-json comes out.
#include <array>
#include <exception>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "supervisor/state/pod_view.hpp"

namespace podrun::supervisor {
namespace {

using Json = nlohmann::ordered_json;

// ---- writing: what is empty is left out, as Kubernetes does ----

void put(Json& json, const char* name, const std::string& text) {
  if (!text.empty()) json[name] = text;
}
void put(Json& json, const char* name, const std::optional<WallTime>& time) {
  if (time) json[name] = rfc3339(*time);
}

Json json_of(const WaitingView& state) {
  Json json = Json::object();
  put(json, "reason", state.reason);
  put(json, "message", state.message);
  return {{"waiting", std::move(json)}};
}
Json json_of(const RunningView& state) {
  Json json = Json::object();
  put(json, "startedAt", state.started);
  return {{"running", std::move(json)}};
}
Json json_of(const TerminatedView& state) {
  Json json = {{"exitCode", state.exit_code}};
  put(json, "reason", state.reason);
  put(json, "message", state.message);
  put(json, "startedAt", state.started);
  put(json, "finishedAt", state.finished);
  return {{"terminated", std::move(json)}};
}

Json json_of(const ContainerView& container) {
  const bool running = std::holds_alternative<RunningView>(container.state);
  return {{"name", container.name},
          {"image", container.image},
          {"ready", container.ready},
          {"started", running},
          {"restartCount", container.restart_count},
          {"state", std::visit([](const auto& state) { return json_of(state); }, container.state)},
          {"lastState", container.last_state ? json_of(*container.last_state) : Json::object()}};
}

Json json_of(const PodView& pod) {
  Json metadata = {{"name", pod.name}, {"namespace", pod.namespace_name}};
  put(metadata, "uid", pod.uid);
  put(metadata, "creationTimestamp", pod.created);
  put(metadata, "deletionTimestamp", pod.deletion);
  Json status = {{"phase", pod.phase}};
  put(status, "reason", pod.reason);
  put(status, "startTime", pod.created);
  Json& containers = status["containerStatuses"] = Json::array();
  for (const ContainerView& container : pod.containers) containers.push_back(json_of(container));
  return {{"apiVersion", "v1"},
          {"kind", "Pod"},
          {"metadata", std::move(metadata)},
          {"status", std::move(status)}};
}

std::string dump(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

// ---- reading ----

std::string read_text(const Json& json, const char* name) {
  return json.value(name, std::string());
}

std::optional<WallTime> read_time(const Json& json, const char* name) {
  return parse_rfc3339(read_text(json, name));
}

TerminatedView read_terminated(const Json& json) {
  return {.exit_code = json.at("exitCode").get<int>(),
          .reason = read_text(json, "reason"),
          .message = read_text(json, "message"),
          .started = read_time(json, "startedAt"),
          .finished = read_time(json, "finishedAt")};
}

decltype(ContainerView::state) read_state(const Json& json) {
  if (json.contains("terminated")) return read_terminated(json.at("terminated"));
  if (json.contains("running")) return RunningView{read_time(json.at("running"), "startedAt")};
  const Json& waiting = json.at("waiting");
  return WaitingView{.reason = read_text(waiting, "reason"), .message = read_text(waiting, "message")};
}

ContainerView read_container(const Json& json) {
  ContainerView view{.name = json.at("name").get<std::string>(),
                     .image = read_text(json, "image"),
                     .ready = json.at("ready").get<bool>(),
                     .restart_count = json.at("restartCount").get<int>(),
                     .state = read_state(json.at("state")),
                     .last_state = std::nullopt};
  const Json& last = json.at("lastState");
  if (last.contains("terminated")) view.last_state = read_terminated(last.at("terminated"));
  return view;
}

}  // namespace

std::string to_json(const PodView& pod) {
  return dump(json_of(pod));
}

std::string to_json(const std::vector<PodView>& pods) {
  Json items = Json::array();
  for (const PodView& pod : pods) items.push_back(json_of(pod));
  return dump({{"apiVersion", "v1"}, {"kind", "List"}, {"items", std::move(items)}});
}

Result<PodView> parse_pod_json(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    const Json& metadata = json.at("metadata");
    const Json& status = json.at("status");
    PodView view{.name = metadata.at("name").get<std::string>(),
                 .namespace_name = metadata.at("namespace").get<std::string>(),
                 .uid = read_text(metadata, "uid"),
                 .phase = status.at("phase").get<std::string>(),
                 .reason = read_text(status, "reason"),
                 .created = read_time(metadata, "creationTimestamp"),
                 .deletion = read_time(metadata, "deletionTimestamp"),
                 .containers = {}};
    for (const Json& container : status.at("containerStatuses"))
      view.containers.push_back(read_container(container));
    return view;
  } catch (const std::exception& error) {
    return fail(fmt::format("not the status of a pod: {}", error.what()));
  }
}

}  // namespace podrun::supervisor

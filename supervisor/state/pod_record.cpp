// The record ⇄ the text of state.json. The one door to nlohmann-json for it: no exception comes out.
#include "supervisor/state/pod_record.hpp"

#include <array>
#include <concepts>
#include <limits>
#include <stdexcept>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "pod/spec/spec.hpp"
#include "supervisor/logs/cri_log_format.hpp"

namespace podrun::supervisor {
namespace {

// Members keep the order they are written in, so that the file reads well.
using Json = nlohmann::ordered_json;

// ---- writing ----

void add(Json::object_t&) {}
template <typename Value, typename... Rest>
void add(Json::object_t& object, const char* name, Value&& value, Rest&&... rest) {
  object.emplace_back(name, std::forward<Value>(value));
  add(object, std::forward<Rest>(rest)...);
}

/// An object of names and values, each name once: several times as fast as nlohmann-json's initializer lists,
/// and this is on the path of each container's exit.
template <typename... Members>
Json object(Members&&... members) {
  Json::object_t object;
  object.reserve(sizeof...(members) / 2);
  add(object, std::forward<Members>(members)...);
  return object;
}

/// Translates times since boot for people: nothing but `ns` is read back.
class Times {
 public:
  explicit Times(const PodRecord& record)
      : boot_(std::chrono::nanoseconds(record.started_realtime) - record.started) {}

  Json operator()(BootTime time) const {
    if (time == BootTime{0}) return object("ns", 0);
    return object("ns", time.count(), "at", rfc3339(WallTime(boot_ + time)));
  }
  Json operator()(const std::optional<BootTime>& time) const { return time ? (*this)(*time) : Json(nullptr); }

 private:
  std::chrono::nanoseconds boot_;  // when the machine was booted, since 1970
};

// clang-format off
Json to_json(const std::optional<Termination>& termination, const Times& time) {
  if (!termination) return nullptr;
  return object("exitCode", termination->exit_code,
                "reason", termination->reason,
                "message", termination->message,
                "started", time(termination->started),
                "finished", time(termination->finished));
}

Json to_json(const ContainerRecord& container, const ContainerStatus& status, const Times& time) {
  return object("name", container.name,
                "image", container.image,
                "pid", container.pid,
                "pidStarted", container.pid_started,
                "state", to_string(status.state),
                "instance", status.instance,
                "restartCount", status.restart_count,
                "generation", status.generation,
                "deadline", time(status.deadline),
                "stopRequested", status.stop_requested,
                "backoffDelay", status.backoff.delay.count(),
                "lastRestart", time(status.backoff.last_restart),
                "started", time(status.started),
                "everStarted", status.ever_started,
                "firstAttemptSettled", status.first_attempt_settled,
                "last", to_json(status.last, time),
                "pendingStartError", to_json(status.pending_start_error, time));
}
// clang-format on

// ---- reading ----

constexpr std::array<std::string_view, 3> restart_policies{"Always", "OnFailure", "Never"};

/// A member by its name; what is missing or of another type is an exception, caught at the door.
class Reader {
 public:
  explicit Reader(const Json& json) : json_(json) {}

  Reader member(const char* name) const { return Reader(json_.at(name)); }
  const Json& json() const { return json_; }
  bool is_null() const { return json_.is_null(); }

  std::string text(const char* name) const { return json_.at(name).get<std::string>(); }
  bool flag(const char* name) const { return json_.at(name).get<bool>(); }

  /// nlohmann-json converts any number to any other; here one that does not fit is an error.
  template <std::integral Number>
  Number number(const char* name) const {
    const Json& member = json_.at(name);
    const bool fits = member.is_number_unsigned()
                          ? std::in_range<Number>(member.get<std::uint64_t>())
                          : member.is_number_integer() && std::in_range<Number>(member.get<std::int64_t>());
    if (!fits) throw std::out_of_range(fmt::format("{} is no number of its range", name));
    return member.get<Number>();
  }

  BootTime time(const char* name) const { return BootTime(member(name).number<std::int64_t>("ns")); }

  /// The index of a word in a list of all that are possible.
  template <typename Words>
  std::size_t word(const char* name, const Words& words) const {
    const std::string found = text(name);
    for (std::size_t index = 0; index < words.size(); ++index)
      if (words[index] == found) return index;
    throw std::out_of_range(fmt::format("{} is none of the words for it", name));
  }

 private:
  const Json& json_;
};

ContainerState read_state(const Reader& from) {
  std::array<std::string_view, container_states> words;
  for (std::size_t index = 0; index < words.size(); ++index)
    words[index] = to_string(static_cast<ContainerState>(index));
  return static_cast<ContainerState>(from.word("state", words));
}

std::optional<Termination> read_termination(const Reader& from) {
  if (from.is_null()) return std::nullopt;
  return Termination{.exit_code = from.number<int>("exitCode"),
                     .reason = from.text("reason"),
                     .message = from.text("message"),
                     .started = from.time("started"),
                     .finished = from.time("finished")};
}

ContainerRecord read_container(const Reader& from) {
  return {.name = from.text("name"),
          .image = from.text("image"),
          .pid = from.number<pid_t>("pid"),
          .pid_started = from.number<std::uint64_t>("pidStarted")};
}

ContainerStatus read_status(const Reader& from) {
  ContainerStatus status{
      .state = read_state(from),
      .instance = from.number<int>("instance"),
      .restart_count = from.number<int>("restartCount"),
      .generation = from.number<std::uint64_t>("generation"),
      .deadline = std::nullopt,
      .stop_requested = from.flag("stopRequested"),
      .backoff = {.delay = std::chrono::nanoseconds(from.number<std::int64_t>("backoffDelay")),
                  .last_restart = from.time("lastRestart")},
      .started = from.time("started"),
      .ever_started = from.flag("everStarted"),
      .first_attempt_settled = from.flag("firstAttemptSettled"),
      .last = read_termination(from.member("last")),
      .pending_start_error = read_termination(from.member("pendingStartError")),
  };
  if (!from.member("deadline").is_null()) status.deadline = from.time("deadline");
  return status;
}

PodRecord read_record(const Reader& from) {
  PodRecord record{
      .version = from.number<int>("version"),
      .id = from.text("id"),
      .name = from.text("name"),
      .namespace_name = from.text("namespace"),
      .uid = from.text("uid"),
      .boot_id = from.text("bootId"),
      .program = from.text("program"),
      .cgroup_base = from.text("cgroupBase"),
      .detached = from.flag("detached"),
      .raw = from.json().value("raw", false),  // an older podrun's record has none
      .prefix = from.json().value("prefix", ""),  // likewise
      .name_width = from.json().value("nameWidth", std::size_t{0}),  // likewise
      .started_realtime = from.number<std::int64_t>("startedRealtime"),
      .started = from.time("started"),
      .restart_policy = static_cast<pod::RestartPolicy>(from.word("restartPolicy", restart_policies)),
      .host_paths = from.json().value("hostPaths", HostPaths{}),  // likewise
      .claims = from.json().value("claims", std::vector<std::string>{}),  // likewise
      .pause = from.number<pid_t>("pause"),
      .pause_started = from.number<std::uint64_t>("pauseStarted"),
      .init = from.json().value("init", 0),  // likewise
      .init_started = from.json().value("initStarted", std::uint64_t{0}),
      .supervisor = from.number<pid_t>("supervisor"),
      .containers = {},
      .status = {.containers = {}, .stopping = from.flag("stopping")},
  };
  for (const Json& container : from.json().at("containers")) {
    record.containers.push_back(read_container(Reader(container)));
    record.status.containers.push_back(read_status(Reader(container)));
  }
  return record;
}

}  // namespace

HostPaths host_paths_of(const pod::Pod& pod) {
  HostPaths paths;
  for (const pod::Volume& volume : pod.spec.volumes)
    if (const auto* host = std::get_if<pod::HostPath>(&volume.source)) paths.emplace(volume.name, host->path);
  return paths;
}

std::vector<std::string> claims_of(const pod::Pod& pod) {
  std::set<std::string> claims;
  for (const pod::Volume& volume : pod.spec.volumes)
    if (const auto* claim = std::get_if<pod::ClaimVolume>(&volume.source)) claims.insert(claim->claim_name);
  return {claims.begin(), claims.end()};
}

std::string to_json(const PodRecord& record) {
  const Times time(record);
  Json containers = Json::array();
  for (std::size_t index = 0; index < record.containers.size(); ++index)
    containers.push_back(to_json(record.containers[index], record.status.containers[index], time));
  // clang-format off
  const Json json = object(
      "version", record.version,
      "id", record.id,
      "name", record.name,
      "namespace", record.namespace_name,
      "uid", record.uid,
      "bootId", record.boot_id,
      "program", record.program,
      "cgroupBase", record.cgroup_base,
      "detached", record.detached,
      "raw", record.raw,
      "prefix", record.prefix,
      "nameWidth", record.name_width,
      "startedRealtime", record.started_realtime,
      "started", time(record.started),
      "restartPolicy", restart_policies[static_cast<std::size_t>(record.restart_policy)],
      "hostPaths", record.host_paths,
      "claims", record.claims,
      "pause", record.pause,
      "pauseStarted", record.pause_started,
      "init", record.init,
      "initStarted", record.init_started,
      "supervisor", record.supervisor,
      "stopping", record.status.stopping,
      "containers", std::move(containers));
  // clang-format on
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Result<PodRecord> parse_record_file(std::string_view text) {
  try {
    const Json json = Json::parse(text);
    const int version = Reader(json).number<int>("version");
    if (version != PodRecord::current_version)
      return fail(fmt::format("the state has version {}, of another podrun; this one knows version {}", version,
                              PodRecord::current_version));
    return read_record(Reader(json));
  } catch (const std::exception& error) {
    return fail(fmt::format("not the state of a pod: {}", error.what()));
  }
}

}  // namespace podrun::supervisor

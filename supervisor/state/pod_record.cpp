// The record ⇄ the text of state.json.
#include "supervisor/state/pod_record.hpp"

#include <array>
#include <cerrno>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "pod/json/json.hpp"
#include "pod/json/reader.hpp"
#include "pod/spec/spec.hpp"
#include "supervisor/state/status_record.hpp"

namespace podrun::supervisor {
namespace {

namespace json = pod::json;
using json::object, json::Reader;
using Json = json::Value;

constexpr std::array<std::string_view, 3> roles{"Init", "Sidecar", "App"};

// ---- writing ----

Json to_json(const ContainerRecord& container, const ContainerStatus& status, const RecordTimes& time) {
  Json whole = object({{"name", container.name},
                       {"image", container.image},
                       {"imageID", container.image_id},
                       {"imageFault", container.image_fault},
                       {"imageMessage", container.image_message},
                       {"role", roles[static_cast<std::size_t>(container.role)]},
                       {"pid", container.pid},
                       {"pidStarted", container.pid_started},
                       {"stopSignal", container.stop_signal},
                       {"revision", container.revision}});
  add_status(whole, status, time);
  return whole;
}

// ---- reading ----

constexpr std::array<std::string_view, 3> restart_policies{"Always", "OnFailure", "Never"};

ContainerRecord read_container(const Reader& from) {
  return {.name = from.text("name"),
          .image = from.text("image"),
          .image_id = from.text_or("imageID", ""),
          .image_fault = from.text_or("imageFault", ""),
          .image_message = from.text_or("imageMessage", ""),
          .role = from.has("role") ? static_cast<pod::ContainerRole>(from.word("role", roles))
                                   : pod::ContainerRole::App,  // an older podrun had no others
          .pid = from.number<pid_t>("pid"),
          .pid_started = from.number<std::uint64_t>("pidStarted"),
          .stop_signal = from.number_or<int>("stopSignal", pod::default_stop_signal),
          .revision = from.number_or<unsigned>("revision", 0)};
}

HostPaths read_host_paths(const Reader& from) {
  HostPaths paths;
  const Reader list = from.member("hostPaths");
  if (!list.value().is_object()) from.note("hostPaths", "is no object");
  for (const auto& [volume, path] : list.value().members()) paths.emplace(volume, list.text(volume));
  return paths;
}

PodRecord read_record(const Reader& from, int version) {
  PodRecord record{
      .id = from.text("id"),
      .name = from.text("name"),
      .namespace_name = from.text("namespace"),
      .uid = from.text("uid"),
      .boot_id = from.text("bootId"),
      .program = from.text("program"),
      .cgroup_base = from.text("cgroupBase"),
      .detached = from.flag("detached"),
      .waits_for_ready = from.flag_or("waitsForReady", false),        // an older podrun's record has none
      .ready_when_started = from.flag_or("readyWhenStarted", false),  // likewise
      .raw = from.flag_or("raw", false),  // an older podrun's record has none
      .prefix = from.text_or("prefix", ""),  // likewise
      .name_width = from.number_or<std::size_t>("nameWidth", 0),  // likewise
      .started_realtime = from.number<std::int64_t>("startedRealtime"),
      .started = read_record_time(from, "started"),
      .restart_policy = static_cast<pod::RestartPolicy>(from.word("restartPolicy", restart_policies)),
      .host_paths = from.has("hostPaths") ? read_host_paths(from) : HostPaths{},  // likewise
      .claims = from.has("claims") ? from.texts("claims") : std::vector<std::string>{},  // likewise
      .networks = {},
      .host_network = from.flag_or("hostNetwork", false),  // likewise
      .pause = from.number<pid_t>("pause"),
      .pause_started = from.number<std::uint64_t>("pauseStarted"),
      .init = from.number_or<pid_t>("init", 0),  // likewise
      .init_started = from.number_or<std::uint64_t>("initStarted", 0),
      .supervisor = from.number<pid_t>("supervisor"),
      .containers = {},
      .status = {.containers = {},
                 .stopping = from.flag("stopping"),
                 .deadline_exceeded = from.flag_or("deadlineExceeded", false),  // likewise
                 .restarting_all = from.flag_or("restartingAll", false),  // likewise
                 .conditions = read_conditions(from)},
  };
  if (from.has("stopDeadline") && !from.member("stopDeadline").is_null())
    record.status.stop_deadline = read_record_time(from, "stopDeadline");
  if (from.has("networks"))
    for (const Json& network : from.items("networks"))
      record.networks.push_back(read_network_record(from.item(network)));
  for (const Json& container : from.items("containers")) {
    record.containers.push_back(read_container(from.item(container)));
    record.status.containers.push_back(read_status(from.item(container), version));
  }
  return record;
}

}  // namespace

std::vector<std::string> claims_of(const pod::Pod& pod) {
  std::set<std::string> claims;
  for (const pod::Volume& volume : pod.spec.volumes)
    if (const auto* claim = std::get_if<pod::ClaimVolume>(&volume.source)) claims.insert(claim->claim_name);
  return {claims.begin(), claims.end()};
}

std::vector<pod::ContainerRole> roles_of(const PodRecord& record) {
  std::vector<pod::ContainerRole> of_containers;
  for (const ContainerRecord& container : record.containers) of_containers.push_back(container.role);
  return of_containers;
}

Phase phase(const PodRecord& record) { return phase(record.status, roles_of(record)); }

std::string to_json(const PodRecord& record) {
  const RecordTimes time(record.started_realtime, record.started);
  Json containers = json::array();
  for (std::size_t index = 0; index < record.containers.size(); ++index)
    containers.push_back(to_json(record.containers[index], record.status.containers[index], time));
  Json networks = json::array();
  for (const NetworkRecord& network : record.networks) networks.push_back(to_json(network));
  // clang-format off
  Json whole = object({
      {"version", PodRecord::current_version},
      {"podrun", PODRUN_VERSION},
      {"id", record.id},
      {"name", record.name},
      {"namespace", record.namespace_name},
      {"uid", record.uid},
      {"bootId", record.boot_id},
      {"program", record.program},
      {"cgroupBase", record.cgroup_base},
      {"detached", record.detached},
      {"waitsForReady", record.waits_for_ready},
      {"readyWhenStarted", record.ready_when_started},
      {"raw", record.raw},
      {"prefix", record.prefix},
      {"nameWidth", record.name_width},
      {"startedRealtime", record.started_realtime},
      {"started", time(record.started)},
      {"restartPolicy", restart_policies[static_cast<std::size_t>(record.restart_policy)]},
      {"claims", record.claims},
      {"networks", std::move(networks)},
      {"hostNetwork", record.host_network},
      {"pause", record.pause},
      {"pauseStarted", record.pause_started},
      {"init", record.init},
      {"initStarted", record.init_started},
      {"supervisor", record.supervisor},
      {"stopping", record.status.stopping},
      {"deadlineExceeded", record.status.deadline_exceeded},
      {"stopDeadline", time(record.status.stop_deadline)},
      {"restartingAll", record.status.restarting_all},
      {"conditions", conditions_json(record.status.conditions, time)},
      {"containers", std::move(containers)}});
  // clang-format on
  for (const auto& [volume, path] : record.host_paths) whole["hostPaths"][volume] = path;
  return json::dump(whole);
}

Result<PodRecord> parse_record_file(std::string_view text) {
  const auto parsed = json::parse(text);
  if (!parsed) return fail(fmt::format("not the state of a pod: {}", parsed.error().message));
  std::string error;
  const Reader from(*parsed, error);
  const int version = from.number<int>("version");
  if (error.empty() && (version < PodRecord::oldest_version || version > PodRecord::current_version))
    return fail(fmt::format("the state has version {}, of podrun {}; this one, {}, knows versions up to {}", version,
                            from.text_or("podrun", "(unknown)"), PODRUN_VERSION, PodRecord::current_version),
                EPROTONOSUPPORT);
  PodRecord record = read_record(from, version);
  if (!error.empty()) return fail(fmt::format("not the state of a pod: {}", error));
  return record;
}

}  // namespace podrun::supervisor

// The record of a pod as state.json, and as a Pod object of Kubernetes.
#include "supervisor/state/pod_record.hpp"

#include <gtest/gtest.h>

#include <cerrno>
#include <set>

#include <nlohmann/json.hpp>

#include "supervisor/state/pod_view.hpp"

namespace podrun::supervisor {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr BootTime now = 1000s;
// 2026-11-24T06:38:34Z, the instant `now`.
constexpr std::chrono::nanoseconds realtime = 1795502314s;

ContainerStatus crashed_twice() {
  ContainerStatus status{.state = ContainerState::Backoff, .instance = 1, .restart_count = 1};
  status.timers[TimerName::Backoff] = {.generation = 7, .due = now + 4s};
  status.backoff = {.delay = 10s, .last_restart = now - 30s};
  status.ever_started = status.was_started = true;
  status.first_attempt_settled = true;
  status.last = Termination{
      .exit_code = 137, .reason = "Error", .message = "", .started = now - 20s, .finished = now - 6s};
  return status;
}

ContainerStatus started_at(BootTime time) {
  ContainerStatus status{.state = ContainerState::Running, .instance = 0};
  status.started = time;
  status.ever_started = status.was_started = status.is_started = status.ready = true;
  status.first_attempt_settled = true;
  return status;
}

PodRecord web() {
  return {.id = "default_web",
          .name = "web",
          .namespace_name = "default",
          .uid = "6f1c2a4e-0000-4000-8000-000000000001",
          .boot_id = "b0071d00-0000-4000-8000-000000000002",
          .program = "/usr/bin/podrun",
          .cgroup_base = "podrun",
          .detached = true,
          .started_realtime = (realtime - 60s).count(),
          .started = now - 60s,
          .restart_policy = pod::RestartPolicy::OnFailure,
          .host_paths = {{"data", "/srv/data"}},
          .claims = {"db", "logs"},
          .pause = 100,
          .pause_started = 123456789012,
          .supervisor = 101,
          .containers = {{.name = "app", .image = "localhost/busybox", .pid = 102, .pid_started = 99, .revision = 3},
                         {.name = "log", .image = "rootfs:/srv/log"}},
          .status = {.containers = {started_at(now - 59s), crashed_twice()}, .stopping = false}};
}

std::string pod_json(const PodRecord& record, BootTime boot, std::chrono::nanoseconds wall) {
  return to_json(view_of(record, boot, WallTime(wall)));
}

/// status.containerStatuses[index] of the Pod object.
json container_status(const PodRecord& record, std::size_t index) {
  return json::parse(pod_json(record, now, realtime))["status"]["containerStatuses"][index];
}

TEST(Record, ARecordSurvivesSerialization) {
  PodRecord record = web();
  record.status.stopping = record.status.deadline_exceeded = true;
  record.status.stop_deadline = now + 30s;
  record.status.containers[1].never_ran = record.status.containers[1].unhealthy = true;
  record.status.containers[0].state = ContainerState::Starting;
  record.status.containers[0].stop_requested = record.status.containers[0].signalled = true;
  record.status.containers[0].timers[TimerName::Grace] = {.generation = 3, .due = now + 30s};
  record.status.containers[0].pending_start_error =
      Termination{.exit_code = 128, .reason = "StartError", .message = "\"quoted\" → \n", .finished = now};

  const auto read = parse_record_file(to_json(record));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(to_json(*read), to_json(record));
  EXPECT_EQ(read->status, record.status);
  EXPECT_EQ(read->pause_started, record.pause_started);
  EXPECT_EQ(read->restart_policy, pod::RestartPolicy::OnFailure);
  EXPECT_EQ(read->containers[0].pid, 102);
  EXPECT_EQ(read->containers[0].revision, 3U);
}

TEST(Record, ExtremeNumbersSurviveSerialization) {
  PodRecord record = web();
  record.pause_started = std::numeric_limits<std::uint64_t>::max();
  record.status.containers[1].timers[TimerName::Backoff] = {
      .generation = std::numeric_limits<std::uint64_t>::max(), .due = BootTime::max() / 4};
  const auto read = parse_record_file(to_json(record));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->pause_started, record.pause_started);
  EXPECT_EQ(read->status, record.status);
}

TEST(Record, EveryContainerStateSurvivesSerialization) {
  for (std::size_t state = 0; state < container_states; ++state) {
    PodRecord record = web();
    record.status.containers[0].state = static_cast<ContainerState>(state);
    const auto read = parse_record_file(to_json(record));
    ASSERT_TRUE(read) << read.error().message;
    EXPECT_EQ(read->status, record.status);
  }
}

TEST(Record, TimesAreAlsoWrittenAsText) {
  const json file = json::parse(to_json(web()));
  EXPECT_EQ(file["started"]["ns"], (now - 60s).count());
  EXPECT_EQ(file["started"]["at"], "2026-11-24T06:37:34.000000000Z");
  EXPECT_EQ(file["containers"][1]["timers"]["Backoff"]["due"]["at"], "2026-11-24T06:38:38.000000000Z");
}

TEST(Record, InvalidUtf8IsWrittenAsReplacementCharacters) {
  PodRecord record = web();
  record.status.containers[1].last->message = "exec \xff\xfe: not found";
  const auto read = parse_record_file(to_json(record));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->status.containers[1].last->message, "exec \uFFFD\uFFFD: not found");
}

TEST(Record, EveryPrefixOfATextIsAnError) {
  const std::string text = to_json(web());
  for (std::size_t length = 0; length < text.size(); ++length)
    EXPECT_FALSE(parse_record_file(std::string_view(text).substr(0, length))) << length;
}

/// A field that the records of older versions do not have.
const std::set<std::string> later_members{"raw", "nameWidth", "prefix", "claims", "hostPaths", "init", "initStarted",
                                          "stopDeadline", "podrun", "deadlineExceeded", "conditions", "restartingAll",
                                          "waitsForReady", "readyWhenStarted", "hostIPs", "hostNetwork", "networks"};

TEST(Record, AMemberOfAnotherTypeOrMissingIsAnError) {
  const json whole = json::parse(to_json(web()));
  for (const auto& [name, value] : whole.items()) {
    json changed = whole;
    changed[name] = value.is_object() ? json("text") : json::object();
    if (name != "containers" && name != "podrun") {
      EXPECT_FALSE(parse_record_file(changed.dump())) << name;
    }
    changed.erase(name);
    EXPECT_EQ(parse_record_file(changed.dump()).has_value(), later_members.contains(name)) << name;
  }
}

TEST(Record, AContainerOfAnOlderRecordIsUnhealthyIfItIsStoppedAloneAndHasRun) {
  PodRecord record = web();
  record.status.containers[0].state = record.status.containers[1].state = ContainerState::Killing;
  record.status.containers[1].stop_requested = true;
  json file = json::parse(to_json(record));
  for (json& container : file["containers"]) {
    container.erase("unhealthy");
    container.erase("neverRan");
  }
  const auto read = parse_record_file(file.dump());
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_TRUE(read->status.containers[0].unhealthy);
  EXPECT_FALSE(read->status.containers[1].unhealthy);
  EXPECT_FALSE(read->status.containers[0].never_ran);
}

TEST(Record, ANumberOutOfRangeIsAnErrorNotAnotherNumber) {
  json file = json::parse(to_json(web()));
  file["pause"] = std::int64_t{1} << 32;
  EXPECT_FALSE(parse_record_file(file.dump()));
  file["pause"] = 1.5;
  EXPECT_FALSE(parse_record_file(file.dump()));
  file["pause"] = 1;
  file["pauseStarted"] = -1;
  EXPECT_FALSE(parse_record_file(file.dump()));
}

TEST(Record, ANewerRecordIsRefusedWithTheNameOfItsPodrun) {
  json file = json::parse(to_json(web()));
  EXPECT_EQ(file["podrun"], PODRUN_VERSION);
  file["version"] = PodRecord::current_version + 1;
  file["podrun"] = "9.8.7";
  const auto read = parse_record_file(file.dump());
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().message,
            "the state has version 3, of podrun 9.8.7; this one, " PODRUN_VERSION ", knows versions up to 2");
  EXPECT_EQ(read.error().number, EPROTONOSUPPORT);
}

TEST(PodJson, TheOutputIsAKubernetesPod) {
  const json pod = json::parse(pod_json(web(), now, realtime));
  EXPECT_EQ(pod["apiVersion"], "v1");
  EXPECT_EQ(pod["kind"], "Pod");
  EXPECT_EQ(pod["metadata"]["name"], "web");
  EXPECT_EQ(pod["metadata"]["namespace"], "default");
  EXPECT_EQ(pod["metadata"]["uid"], "6f1c2a4e-0000-4000-8000-000000000001");
  EXPECT_EQ(pod["metadata"]["creationTimestamp"], "2026-11-24T06:37:34.000000000Z");
  EXPECT_FALSE(pod["metadata"].contains("deletionTimestamp"));
  EXPECT_EQ(pod["status"]["phase"], "Running");
}

TEST(PodJson, ShowsARunningContainer) {
  const json app = container_status(web(), 0);
  EXPECT_EQ(app["ready"], true);
  EXPECT_EQ(app["state"], json::parse(R"({"running":{"startedAt":"2026-11-24T06:37:35.000000000Z"}})"));
  EXPECT_EQ(app["lastState"], json::object());
}

TEST(PodJson, ShowsACrashLoopAsTheKubeletDoes) {
  const json log = container_status(web(), 1);
  EXPECT_EQ(log["ready"], false);
  EXPECT_EQ(log["restartCount"], 1);
  EXPECT_EQ(log["state"]["waiting"]["reason"], "CrashLoopBackOff");
  EXPECT_EQ(log["state"]["waiting"]["message"],
            "back-off 10s restarting failed container=log "
            "pod=web_default(6f1c2a4e-0000-4000-8000-000000000001)");
  EXPECT_EQ(log["lastState"]["terminated"]["exitCode"], 137);
  EXPECT_EQ(log["lastState"]["terminated"]["finishedAt"], "2026-11-24T06:38:28.000000000Z");
}

TEST(PodJson, BackoffDelaysAreWrittenInGosFormat) {
  PodRecord record = web();
  record.status.containers[1].backoff.delay = 160s;
  EXPECT_EQ(container_status(record, 1)["state"]["waiting"]["message"].get<std::string>().substr(0, 15),
            "back-off 2m40s ");
}

TEST(PodJson, ShowsAnEndedContainerAsTerminated) {
  PodRecord record = web();
  record.status.containers[1].state = ContainerState::Failed;
  const json log = container_status(record, 1);
  EXPECT_EQ(log["state"]["terminated"]["exitCode"], 137);
  EXPECT_EQ(log["state"]["terminated"]["reason"], "Error");
  EXPECT_EQ(log["lastState"], json::object());
}

TEST(PodJson, AContainerStoppedBeforeItsFirstStartNeverStarted) {
  PodRecord record = web();
  record.status.containers[0] = {.state = ContainerState::Failed};
  const json app = container_status(record, 0);
  EXPECT_EQ(app["state"]["terminated"]["reason"], "NeverStarted");
  EXPECT_EQ(app["state"]["terminated"]["exitCode"], 137);
  EXPECT_FALSE(app["state"]["terminated"].contains("startedAt"));
}

TEST(PodJson, AStoppingPodHasADeletionTimestampUntilItEnds) {
  PodRecord record = web();
  record.status.stopping = true;
  record.status.containers[0].state = ContainerState::Stopping;
  record.status.containers[0].timers[TimerName::Grace].due = now + 30s;
  record.status.containers[1].state = ContainerState::Failed;
  record.status.containers[1].timers.cancel_all();
  EXPECT_EQ(json::parse(pod_json(record, now, realtime))["metadata"]["deletionTimestamp"],
            "2026-11-24T06:39:04.000000000Z");
  EXPECT_EQ(container_status(record, 0)["ready"], false);
  record.status.containers[0].state = ContainerState::Completed;
  EXPECT_FALSE(json::parse(pod_json(record, now, realtime))["metadata"].contains("deletionTimestamp"));
}

TEST(PodJson, APodThatHasExceededItsDeadlineHasKubernetesReason) {
  PodRecord record = web();
  record.status.deadline_exceeded = true;
  const auto status = [&] { return json::parse(pod_json(record, now, realtime))["status"]; };
  EXPECT_EQ(status()["phase"], "Running");
  EXPECT_FALSE(status().contains("reason")) << "its containers have not ended";
  for (ContainerStatus& container : record.status.containers) container.state = ContainerState::Completed;
  EXPECT_EQ(status()["phase"], "Failed");
  EXPECT_EQ(status()["reason"], "DeadlineExceeded");
  EXPECT_EQ(status()["message"], "Pod was active on the node longer than the specified deadline");
}

TEST(PodJson, TimestampsFollowTheWallClock) {
  const json pod = json::parse(pod_json(web(), now, realtime + 24h));
  EXPECT_EQ(pod["metadata"]["creationTimestamp"], "2026-11-25T06:37:34.000000000Z");
}

TEST(PodJson, TimestampsAreStableAgainstSmallClockDifferences) {
  EXPECT_EQ(pod_json(web(), now, realtime + 50us), pod_json(web(), now, realtime));
}

TEST(PodJson, APodSurvivesSerialization) {
  PodRecord record = web();
  record.status.stopping = true;
  const std::string text = pod_json(record, now, realtime);
  const auto view = parse_pod_json(text);
  ASSERT_TRUE(view) << view.error().message;
  EXPECT_EQ(to_json(*view), text);
  EXPECT_FALSE(parse_pod_json(text.substr(0, text.size() / 2)));
  EXPECT_FALSE(parse_pod_json("[]"));
  EXPECT_FALSE(parse_pod_json(R"({"metadata":[],"status":3})"));
}

}  // namespace
}  // namespace podrun::supervisor

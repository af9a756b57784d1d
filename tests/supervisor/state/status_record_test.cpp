// The statuses of containers in a pod's record: what newer and older podruns write.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "supervisor/state/pod_record.hpp"

namespace podrun::supervisor {
namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr BootTime now = 1000s;

/// The record of a pod with one container, which runs.
PodRecord running() {
  PodRecord record{.id = "default_web", .name = "web", .containers = {{.name = "app", .image = "localhost/busybox"}}};
  ContainerStatus& status = record.status.containers.emplace_back();
  status = {.state = ContainerState::Running, .instance = 0, .started = now - 59s};
  status.ever_started = status.was_started = status.first_attempt_settled = status.is_started = status.ready = true;
  return record;
}

TEST(StatusRecord, StagesOfProbesAndHooksAndTheConditionsAreOnRecord) {
  PodRecord record = running();
  ContainerStatus& status = record.status.containers[0];
  status.timers[TimerName::Hook] = {.generation = 2, .due = now + 5s};
  status.cause = "liveness probe failed: HTTP 503";
  status.last = Termination{.exit_code = 143, .reason = "Error", .message = "", .cause = "the pod was stopped"};
  status.was_started = status.is_started = status.ready = status.awaits_turn = status.restarting = true;
  status.first_attempt_failed = true;
  status.post_start = HookStage::Succeeded;
  status.pre_stop = HookStage::Running;
  status.hook_begun[pod::HookKind::PostStart] = status.hook_begun[pod::HookKind::PreStop] = true;
  record.status.restarting_all = true;
  record.status.conditions[1] = {.holds = true, .changed = now - 3s};
  const auto read = parse_record_file(to_json(record));
  ASSERT_TRUE(read) << read.error().message;
  EXPECT_EQ(read->status, record.status);
}

TEST(StatusRecord, WhatRanUnderAnOlderPodrunIsStartedAndReady) {
  json file = json::parse(to_json(running()));
  for (json& container : file["containers"]) {
    for (const char* const later : {"wasStarted", "firstAttemptFailed", "cause", "isStarted", "ready", "postStart",
                                    "preStop", "awaitsTurn", "postStartBegun", "preStopBegun", "restarting"})
      container.erase(later);
    container["timers"].erase("Hook");
  }
  file.erase("conditions");
  const auto read = parse_record_file(file.dump());
  ASSERT_TRUE(read) << read.error().message;
  const ContainerStatus& status = read->status.containers[0];
  EXPECT_TRUE(status.was_started && status.is_started && status.ready);
  EXPECT_EQ(read->status, running().status);
}

}  // namespace
}  // namespace podrun::supervisor

// The bytes of state.json as former versions of podrun wrote them, but for breaks between members. They never change.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string_view>

#include "supervisor/state/pod_record.hpp"

namespace podrun::supervisor {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view version_1_in_backoff = R"(
{"version":1,"id":"default_shop","name":"shop","namespace":"default",
"uid":"f8b565e1-d71f-4dd1-a5d4-45c62627f16e","bootId":"90b89843-ee24-409d-8724-aadbaa570989",
"program":"/usr/bin/podrun","cgroupBase":"podrun","detached":true,"raw":false,"prefix":"","nameWidth":0,
"startedRealtime":1796024259876756693,"started":{"ns":23321242262959,"at":"2026-11-30T07:37:39.876756693Z"},
"restartPolicy":"Always","hostPaths":{},"claims":[],"pause":22556,"pauseStarted":2332124,"init":0,
"initStarted":0,"supervisor":22557,"stopping":false,"stopDeadline":null,"containers":[{"name":"app",
"image":"rootfs:/","pid":22558,"pidStarted":2332124,"state":"Running","instance":0,"restartCount":0,
"generation":0,"deadline":null,"stopRequested":false,"backoffDelay":0,"lastRestart":{"ns":0},
"started":{"ns":23321258039125,"at":"2026-11-30T07:37:39.892532859Z"},"everStarted":true,
"firstAttemptSettled":true,"neverRan":false,"unhealthy":false,"last":null,"pendingStartError":null},
{"name":"crash","image":"rootfs:/","pid":0,"pidStarted":0,"state":"Backoff","instance":1,"restartCount":1,
"generation":1,"deadline":{"ns":23331254681316,"at":"2026-11-30T07:37:49.889175050Z"},"stopRequested":false,
"backoffDelay":10000000000,"lastRestart":{"ns":23331254681316,"at":"2026-11-30T07:37:49.889175050Z"},
"started":{"ns":23321254035276,"at":"2026-11-30T07:37:39.888529010Z"},"everStarted":true,
"firstAttemptSettled":true,"neverRan":false,"unhealthy":false,"last":{"exitCode":3,"reason":"Error",
"message":"","started":{"ns":23321254035276,"at":"2026-11-30T07:37:39.888529010Z"},
"finished":{"ns":23321254681316,"at":"2026-11-30T07:37:39.889175050Z"}},"pendingStartError":null}]}
)";

constexpr std::string_view version_1_stopping = R"(
{"version":1,"id":"default_shop","name":"shop","namespace":"default",
"uid":"f8b565e1-d71f-4dd1-a5d4-45c62627f16e","bootId":"90b89843-ee24-409d-8724-aadbaa570989",
"program":"/usr/bin/podrun","cgroupBase":"podrun","detached":true,"raw":false,"prefix":"","nameWidth":0,
"startedRealtime":1796024259876756693,"started":{"ns":23321242262959,"at":"2026-11-30T07:37:39.876756693Z"},
"restartPolicy":"Always","hostPaths":{},"claims":[],"pause":22556,"pauseStarted":2332124,"init":0,
"initStarted":0,"supervisor":22557,"stopping":true,"stopDeadline":{"ns":23343274698905,
"at":"2026-11-30T07:38:01.909192639Z"},"containers":[{"name":"app","image":"rootfs:/","pid":22558,
"pidStarted":2332124,"state":"Stopping","instance":0,"restartCount":0,"generation":1,
"deadline":{"ns":23343274698905,"at":"2026-11-30T07:38:01.909192639Z"},"stopRequested":true,"backoffDelay":0,
"lastRestart":{"ns":0},"started":{"ns":23321258039125,"at":"2026-11-30T07:37:39.892532859Z"},"everStarted":true,
"firstAttemptSettled":true,"neverRan":false,"unhealthy":false,"last":null,"pendingStartError":null},
{"name":"crash","image":"rootfs:/","pid":0,"pidStarted":0,"state":"Failed","instance":1,"restartCount":1,
"generation":1,"deadline":null,"stopRequested":true,"backoffDelay":10000000000,
"lastRestart":{"ns":23331254681316,"at":"2026-11-30T07:37:49.889175050Z"},"started":{"ns":23321254035276,
"at":"2026-11-30T07:37:39.888529010Z"},"everStarted":true,"firstAttemptSettled":true,"neverRan":false,
"unhealthy":false,"last":{"exitCode":3,"reason":"Error","message":"","started":{"ns":23321254035276,
"at":"2026-11-30T07:37:39.888529010Z"},"finished":{"ns":23321254681316,"at":"2026-11-30T07:37:39.889175050Z"}},
"pendingStartError":null}]}
)";

TEST(FormerRecords, TheTimerOfVersion1IsThatOfTheBackoff) {
  const auto read = parse_record_file(version_1_in_backoff);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->status.containers[1].state, ContainerState::Backoff);
  const Timers& timers = read->status.containers[1].timers;
  EXPECT_EQ(timers[TimerName::Backoff], (Timer{.generation = 1, .due = BootTime(23331254681316)}));
  EXPECT_EQ(timers[TimerName::Grace], Timer{.generation = 1});
  EXPECT_EQ(read->status.containers[0].timers, Timers{});
  EXPECT_FALSE(read->status.deadline_exceeded);
}

TEST(FormerRecords, TheTimerOfVersion1IsThatOfTheGracePeriod) {
  const auto read = parse_record_file(version_1_stopping);
  ASSERT_TRUE(read) << read.error().message;
  ASSERT_EQ(read->status.containers[0].state, ContainerState::Stopping);
  const Timers& timers = read->status.containers[0].timers;
  EXPECT_EQ(timers[TimerName::Grace], (Timer{.generation = 1, .due = BootTime(23343274698905)}));
  EXPECT_EQ(timers[TimerName::Backoff], Timer{.generation = 1});
  EXPECT_FALSE(read->status.containers[0].signalled) << "only the pause's register knows";
}

TEST(FormerRecords, ARecordOfVersion1IsWrittenInTheCurrentOne) {
  for (const std::string_view text : {version_1_in_backoff, version_1_stopping}) {
    const auto read = parse_record_file(text);
    ASSERT_TRUE(read) << read.error().message;
    const std::string written = to_json(*read);
    EXPECT_TRUE(written.starts_with(fmt::format("{{\"version\":{},", PodRecord::current_version))) << written;
    const auto again = parse_record_file(written);
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->status, read->status);
  }
}

}  // namespace
}  // namespace podrun::supervisor

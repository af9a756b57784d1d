// Messages about the ends of containers.
#include "supervisor/state/status_messages.hpp"

#include <gtest/gtest.h>

namespace podrun::supervisor {
namespace {

std::string narrated(Termination end) {
  ContainerStatus after{.state = ContainerState::Failed};
  after.last = std::move(end);
  return describe_transition("c", {}, after, BootTime{0});
}

TEST(Narration, ATerminationMessageIsToldInOneLine) {
  EXPECT_EQ(narrated({.exit_code = 3, .reason = "Error", .message = "starting\n no database\n\n"}),
            "c: exited with 3: \"no database\"");
  EXPECT_EQ(narrated({.exit_code = 137, .reason = "Error", .message = "\x1b[2J\a"}),
            "c: ended by signal 9 (exit code 137): \"\\x1b[2J\\x07\"");
  EXPECT_EQ(narrated({.exit_code = 0, .reason = "Completed", .message = " \n"}), "c: exited with 0");
}

TEST(Narration, ARestartThatIsDueNamesWhatItWaitsFor) {
  ContainerStatus after{.state = ContainerState::Backoff, .instance = 0};
  after.last = Termination{.exit_code = 137, .reason = "Error"};
  const auto told = [&](BootTime deadline) {
    after.timers[TimerName::Backoff].due = deadline;
    return describe_transition("c", {}, after, BootTime{1000});
  };
  EXPECT_EQ(told(BootTime{1000}),
            "c: ended by signal 9 (exit code 137); restart 1 when the containers that it waits for have started");
  EXPECT_EQ(told(BootTime{1000} + std::chrono::seconds(10)),
            "c: ended by signal 9 (exit code 137); back-off, restart 1 in 10s");
}

TEST(Narration, ThatAContainerIsAskedToEndIsToldWhenItGetsTerm) {
  const ContainerStatus running{.state = ContainerState::Running};
  ContainerStatus waits{.state = ContainerState::Stopping};
  waits.awaits_turn = true;
  EXPECT_EQ(describe_transition("c", running, waits, {}), "c: ends after the containers that it serves");
  ContainerStatus asked = waits;
  asked.awaits_turn = false;
  EXPECT_EQ(describe_transition("c", waits, asked, {}), "c: asked to end (TERM)");
  EXPECT_EQ(describe_transition("c", waits, asked, {}, 2), "c: asked to end (INT)");
  asked.state = ContainerState::Killing;
  EXPECT_EQ(describe_transition("c", waits, asked, {}), "c: killed (KILL)");
}

TEST(Narration, AStartErrorsMessageIsToldUnchanged) {
  EXPECT_EQ(narrated({.exit_code = 128, .reason = "StartError", .message = "step 3: \"x\""}),
            "c: did not start: step 3: \"x\"");
}

TEST(Narration, AStartErrorNamesItsContainerOnce) {
  EXPECT_EQ(narrated({.exit_code = 128, .reason = "StartError", .message = "web/c: step 3"}),
            "c: did not start: step 3");
  EXPECT_EQ(narrated({.exit_code = 128, .reason = "StartError", .message = "no file x/c: gone"}),
            "c: did not start: no file x/c: gone");
}

PodRecord pod_of(std::vector<ContainerStatus> statuses) {
  PodRecord record{.id = "shop_web", .name = "web"};
  for (std::size_t index = 0; index < statuses.size(); ++index)
    record.containers.push_back({.name = std::string(1, static_cast<char>('a' + static_cast<int>(index)))});
  record.status.containers = std::move(statuses);
  return record;
}

ContainerStatus in_state(ContainerState state) {
  ContainerStatus status{.state = state};
  status.ever_started = state != ContainerState::Waiting;
  return status;
}

ContainerStatus ended_with(ContainerState state, int exit_code, std::string reason = "Error") {
  ContainerStatus status = in_state(state);
  status.last = Termination{.exit_code = exit_code, .reason = std::move(reason)};
  return status;
}

TEST(StatusLine, TellsHowManyRunAndWhyTheOthersDoNot) {
  const ContainerStatus runs = in_state(ContainerState::Running);
  EXPECT_EQ(status_line(pod_of({runs, runs, runs})), "3 of 3 containers run");
  EXPECT_EQ(status_line(pod_of({runs})), "1 of 1 container runs");
  EXPECT_EQ(status_line(pod_of({ended_with(ContainerState::Backoff, 1), runs, runs})),
            "2 of 3 containers run; a waits to be restarted (exit 1)");
  EXPECT_EQ(status_line(pod_of(
                {ended_with(ContainerState::Starting, 137), ended_with(ContainerState::Completed, 0, "Completed"),
                 ended_with(ContainerState::Failed, 3), ended_with(ContainerState::Backoff, 128, "StartError")})),
            "0 of 4 containers run; a is being restarted (exit 137); b has succeeded; c has failed (exit 3); "
            "d waits to be restarted (did not start)");
  EXPECT_EQ(status_line(pod_of({in_state(ContainerState::Starting), in_state(ContainerState::Waiting)})),
            "0 of 2 containers run; a is being started; b waits for its first start");
}

TEST(StatusLine, TellsThatThePodIsStoppingOrHasEnded) {
  PodRecord pod = pod_of({in_state(ContainerState::Stopping), ended_with(ContainerState::Failed, 143)});
  pod.status.stopping = true;
  EXPECT_EQ(status_line(pod), "stopping: 1 of 2 containers run");
  pod.status.containers[0] = ended_with(ContainerState::Failed, 137);
  EXPECT_EQ(status_line(pod), "stopped");
  pod.status.stopping = false;
  EXPECT_EQ(status_line(pod), "failed; a has failed (exit 137); b has failed (exit 143)");
  EXPECT_EQ(status_line(pod_of({ended_with(ContainerState::Completed, 0, "Completed")})), "succeeded");
}

/// NOTIFY_BUFFER_MAX of systemd.
TEST(StatusLine, ALineAboutManyContainersIsBounded) {
  PodRecord pod = pod_of(std::vector(100, ended_with(ContainerState::Backoff, 255)));
  for (ContainerRecord& container : pod.containers) container.name = std::string(63, 'x');
  const std::string line = status_line(pod);
  EXPECT_LT(line.size(), 2048U);
  EXPECT_TRUE(line.ends_with("; 92 more do not run")) << line;
}

TEST(Silence, AContainerWithoutOutputSaysWhy) {
  const TerminatedView failed{.exit_code = 128, .reason = "StartError", .message = "web/app: no such file"};
  const TerminatedView ended{.exit_code = 3, .reason = "Error", .started = WallTime{}};
  const auto reason = [](auto state, std::optional<TerminatedView> last = {}, int restarts = 0) {
    return silence_reason({.name = "app", .image = "", .restart_count = restarts, .state = state, .last_state = last});
  };
  EXPECT_EQ(reason(WaitingView{}), "it has not started yet");
  EXPECT_EQ(reason(WaitingView{}, failed), "it did not start: no such file; it will be tried again");
  EXPECT_EQ(reason(WaitingView{}, ended), "it ended with exit code 3, and had printed nothing; it will be restarted");
  EXPECT_EQ(reason(RunningView{}), "it runs, and has printed nothing yet");
  EXPECT_NE(reason(RunningView{}, ended, 1).find("since its last restart"), std::string::npos);
  EXPECT_EQ(reason(failed), "it did not start: no such file");
  EXPECT_EQ(reason(ended), "it ended with exit code 3, and had printed nothing");
  EXPECT_EQ(reason(TerminatedView{.exit_code = 137, .reason = "NeverStarted", .message = "stopped before"}),
            "it never started: stopped before");
}

TEST(Silence, APodWhoseStartFailedSaysWhyForEachContainer) {
  const PodRecord record = pod_of({in_state(ContainerState::Running), {.state = ContainerState::Waiting}});
  const PodView view = view_of_failed_start(record, "no disk", BootTime{0}, WallTime{});
  EXPECT_EQ(view.phase, "Failed");
  EXPECT_EQ(view.reason, "StartError");
  EXPECT_EQ(view.message, "no disk");
  ASSERT_EQ(view.containers.size(), 2U);
  for (const ContainerView& container : view.containers) {
    EXPECT_FALSE(container.ready);
    EXPECT_EQ(silence_reason(container), "it did not start: the start of the pod failed: no disk");
  }
}

TEST(StartFailures, EachStartFailureIsReportedWithoutRepeatingNames) {
  ContainerStatus failed = ended_with(ContainerState::Backoff, 128, "StartError");
  failed.last->message = "web/a: step 3 of 3: exec /no: No such file or directory";
  failed.ever_started = false;
  ContainerStatus failing{.state = ContainerState::Starting};
  failing.pending_start_error = Termination{.exit_code = 128, .reason = "StartError", .message = "web: no such key"};
  EXPECT_EQ(start_failures(
                pod_of({failed, in_state(ContainerState::Running), failing, {.state = ContainerState::Completed}})),
            "pod shop/web: a: did not start: step 3 of 3: exec /no: No such file or directory\n"
            "pod shop/web: c: did not start: no such key\n"
            "pod shop/web: d: did not start: the pod was stopped before");
  EXPECT_EQ(start_failures(pod_of({ended_with(ContainerState::Failed, 1)})), "") << "it has been started";
}

/// A pod with an init container `a`, a sidecar `b` and an app container `c`.
PodRecord pod_with_inits(std::vector<ContainerStatus> statuses) {
  PodRecord record = pod_of(std::move(statuses));
  record.containers[0].role = pod::ContainerRole::Init;
  record.containers[1].role = pod::ContainerRole::Sidecar;
  return record;
}

TEST(StatusLine, TellsWhichInitContainerThePodWaitsFor) {
  const ContainerStatus waits = in_state(ContainerState::Waiting), runs = in_state(ContainerState::Running);
  const ContainerStatus done = ended_with(ContainerState::Completed, 0, "Completed");
  EXPECT_EQ(status_line(pod_with_inits({runs, waits, waits})), "initializing: a runs");
  EXPECT_EQ(status_line(pod_with_inits({ended_with(ContainerState::Backoff, 3), waits, waits})),
            "initializing: a waits to be restarted (exit 3)");
  EXPECT_EQ(status_line(pod_with_inits({done, waits, waits})), "initializing: b waits for its first start");
  EXPECT_EQ(status_line(pod_with_inits({done, runs, runs})), "2 of 2 containers run");
  EXPECT_EQ(status_line(pod_with_inits({done, ended_with(ContainerState::Backoff, 1), runs})),
            "1 of 2 containers run; b waits to be restarted (exit 1)");
}

TEST(StartFailures, AnInitContainerThatFailsIsReportedForThoseThatWait) {
  const ContainerStatus waits = in_state(ContainerState::Waiting);
  EXPECT_EQ(start_failures(pod_with_inits({ended_with(ContainerState::Backoff, 3), waits, waits})),
            "pod shop/web: a: exited with 3; the containers after it wait");
  ContainerStatus failed = ended_with(ContainerState::Backoff, 128, "StartError");
  failed.last->message = "exec /no: No such file or directory";
  failed.ever_started = false;
  EXPECT_EQ(start_failures(pod_with_inits({failed, waits, waits})),
            "pod shop/web: a: did not start: exec /no: No such file or directory");
}

TEST(StartFailures, ASidecarThatEndsBeforeItHasStartedIsReportedForThoseThatWait) {
  const ContainerStatus done = ended_with(ContainerState::Completed, 0, "Completed");
  ContainerStatus killed = ended_with(ContainerState::Starting, 0);
  killed.last->cause = "startup probe failed: HTTP 404";
  PodRecord record = pod_with_inits({done, killed, in_state(ContainerState::Waiting)});
  record.status.conditions[0].changed = BootTime{1};
  EXPECT_EQ(start_failures(record),
            "pod shop/web: b: killed by its startup probe (HTTP 404), exit code 0; the containers after it wait");
  record.status.containers[1].was_started = true;
  EXPECT_EQ(start_failures(record), "");
}

}  // namespace
}  // namespace podrun::supervisor

// Signals that reach several processes of a run: each pod is stopped once, and its containers have their grace period.
// A later signal kills.
#include <signal.h>
#include <unistd.h>

#include <filesystem>

#include <fmt/format.h>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// The way in which the pods are asked to stop.
enum class Way { Group, Timeout, Key, HangUp };
constexpr Way ways[] = {Way::Group, Way::Timeout, Way::Key, Way::HangUp};

/// The log of a container that was sent TERM once.
const std::string one_term = "stdout F ready\nstdout F asked\nstdout F terms: 1\n";

class GroupSignal : public testing::Test {
 protected:
  /// Manifests of so many pods, whose containers go on for LENGTH when they are sent TERM.
  std::vector<std::string> write(int pods, std::chrono::milliseconds length) {
    std::vector<std::string> paths;
    const std::string command = fmt::format("command: [podrun-probe, terms, '{}', '0']", length.count());
    for (int pod = 0; pod < pods; ++pod)
      paths.push_back(root_.write(fmt::format("p{}.yaml", pod),
                                  manifest(fmt::format("p{}", pod), {{"c", "", command, image_}},
                                           "restartPolicy: Always\nterminationGracePeriodSeconds: 20")));
    return paths;
  }
  /// `podrun FILE…`, started by a shell, by timeout(1), or directly.
  static std::vector<std::string> words(const TemporaryRoot& root, const std::vector<std::string>& paths, Way way) {
    std::vector<std::string> words{podrun_program, "--root", root.path()};
    words.insert(words.end(), paths.begin(), paths.end());
    if (way == Way::Timeout) words.insert(words.begin(), {"/usr/bin/timeout", "1000"});
    if (way == Way::HangUp) return {"/bin/bash", "--norc", "--noprofile", "-i"};
    return words;
  }
  static std::string line(const std::vector<std::string>& words) {
    std::string line;
    for (const std::string& word : words) line += word + " ";
    return line + "\r";
  }
  /// The log of a pod's container, without time stamps.
  std::string log_of(int pod) const {
    std::string log;
    for (const auto& run : fs::directory_iterator(root_.layout().logs()))
      if (run.path().filename().string().starts_with(fmt::format("default_p{}_", pod)))
        for (const std::string& each : lines_of(contents_of(run.path() / "c/0.log")))
          log += each.substr(each.find(' ') + 1) + "\n";
    return log;
  }
  void stop_by(PodRun& run, Way way) {
    switch (way) {
      case Way::Group: EXPECT_EQ(::kill(-run.pid(), SIGTERM), 0); return;
      case Way::Timeout:
        run.signal(SIGALRM);
        return;  // as if the time were over
      case Way::Key: run.type("\x03"); return;
      case Way::HangUp: run.hang_up(); return;
    }
  }
  void expect_one_stop(int pods, Way way, std::chrono::milliseconds length) {
    SCOPED_TRACE(fmt::format("{} pods, way {}", pods, static_cast<int>(way)));
    const std::vector<std::string> paths = write(pods, length);
    PodRun run(words(root_, paths, way), {.terminal = way == Way::Key || way == Way::HangUp});
    if (way == Way::HangUp) run.type(line(words(root_, paths, Way::Group)));
    ASSERT_TRUE(run.wait_for_out("ready", pods));
    std::vector<ns::Process> pauses;
    for (int pod = 0; pod < pods; ++pod) {
      auto pause = ns::open_process(processes_of(root_, fmt::format("default_p{}", pod)).pause);
      ASSERT_TRUE(pause);
      pauses.push_back(std::move(*pause));
    }
    stop_by(run, way);
    for (const ns::Process& pause : pauses) EXPECT_TRUE(wait_until_dead(pause.pid));
    const int status = run.wait_exit();
    const int expected = way == Way::HangUp    ? status
                         : way == Way::Timeout ? 124
                                               : 0;  // a shell whose terminal hung up has a status of its own
    EXPECT_EQ(status, expected) << run.out() << run.err();
    for (int pod = 0; pod < pods; ++pod) EXPECT_EQ(log_of(pod), one_term) << run.out() << run.err();
    fs::remove_all(root_.layout().logs());
  }

  TemporaryRoot root_;
  std::string image_ = "rootfs:" + root_.make_rootfs("image");
};

TEST_F(GroupSignal, AGroupSignalStopsEachPodOnceWithItsGracePeriod) {
  for (const Way way : ways)
    for (const int pods : {1, 2}) expect_one_stop(pods, way, 600ms);
}

class StopsUnderSignals : public GroupSignal {};

TEST_F(StopsUnderSignals, TwoHundredGroupSignalsStopEachPodOnce) {
  for (int round = 0; round < 25 && !HasFailure(); ++round)
    for (const Way way : ways)
      for (const int pods : {1, 2})
        if (!HasFailure()) expect_one_stop(pods, way, 250ms);
}

TEST_F(GroupSignal, ASecondGroupSignalKillsEachPod) {
  for (const int pods : {1, 2}) {
    PodRun run(words(root_, write(pods, 1000s), Way::Key), {.terminal = true});
    ASSERT_TRUE(run.wait_for_out("ready", pods));
    run.type("\x03");
    ASSERT_TRUE(run.wait_for_out("asked\r\n", pods));
    ASSERT_EQ(::kill(-run.pid(), SIGTERM), 0);
    EXPECT_EQ(run.wait_exit(), 0);
    EXPECT_TRUE(run.wait_for_out("ended by signal 9", pods));
  }
}

TEST_F(GroupSignal, EachPauseHasItsOwnGroupAndIgnoresCtrlZ) {
  PodRun run(words(root_, write(2, 10ms), Way::Key), {.terminal = true});
  ASSERT_TRUE(run.wait_for_out("ready", 2));
  for (const std::string id : {"default_p0", "default_p1"}) {
    const pid_t pause = processes_of(root_, id).pause;
    EXPECT_EQ(::getpgid(pause), pause);
  }
  run.type("\x1a\x03");
  EXPECT_EQ(run.wait_exit(), 0) << "its first process was stopped by TSTP";
}

// ---- nohup(1) ----

TEST_F(GroupSignal, AHangupThatWasIgnoredBeforeTheStartStaysIgnored) {
  for (const int pods : {1, 2}) {
    PodRun run(words(root_, write(pods, 300ms), Way::Group), {.before_exec = [] { ::signal(SIGHUP, SIG_IGN); }});
    ASSERT_TRUE(run.wait_for_out("ready", pods));
    for (int pod = 0; pod < pods; ++pod) {
      const Processes processes = processes_of(root_, fmt::format("default_p{}", pod));
      EXPECT_EQ(std::stoull(status_of(processes["c"], "SigIgn"), nullptr, 16), 0U)
          << "containers begin with the defaults";
      const auto pause = ns::open_process(processes.pause);
      ASSERT_TRUE(pause && ns::send_signal(*pause, SIGHUP));
    }
    run.signal(SIGHUP);
    run.signal(SIGTERM);  // the first that counts
    EXPECT_EQ(run.wait_exit(), 0) << run.err();
    for (int pod = 0; pod < pods; ++pod) EXPECT_EQ(log_of(pod), one_term) << run.err();
    fs::remove_all(root_.layout().logs());
  }
}

}  // namespace
}  // namespace podrun::test

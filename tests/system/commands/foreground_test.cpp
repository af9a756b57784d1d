// `podrun FILE` in the foreground: its output, its end and its exit status.
#include <signal.h>
#include <sys/stat.h>

#include <chrono>
#include <filesystem>

#include <fmt/format.h>

#include "supervisor/logs/cri_log_format.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

class Foreground : public testing::Test {
 protected:
  std::string write(const std::string& text) { return root_.write("pod.yaml", text); }
  std::string log(const std::string& container, int instance) const {
    for (const auto& run : std::filesystem::directory_iterator(root_.layout().logs()))
      return contents_of(fmt::format("{}/{}/{}.log", run.path().string(), container, instance));
    return "";
  }

  TemporaryRoot root_;
};

/// A script that handles TERM, and prints a line when it can be sent TERM.
const std::string ends_well = "trap 'echo ends well; exit 0' TERM\necho ready\nsleep 1000 & wait $!\n";

TEST_F(Foreground, EachLineIsPrefixedWithItsContainerOnItsOwnStream) {
  PodRun pod(root_, {write(manifest("streams", {{"left", "echo to stdout; echo to stderr >&2"},
                                                {"centre", "printf 'no newline'"}}))});
  EXPECT_EQ(pod.wait_exit(), 0);
  EXPECT_TRUE(pod.wait_for_out("left   | to stdout\n"));
  EXPECT_TRUE(pod.wait_for_out("centre | no newline\n"));
  EXPECT_TRUE(pod.wait_for_err("left   | to stderr\n"));
  EXPECT_FALSE(holds(pod.out(), "to stderr"));
  EXPECT_FALSE(holds(pod.out(), "\033")) << "colours in a pipe";
}

TEST_F(Foreground, PodrunsMessagesGoToStderr) {
  PodRun pod(root_, {write(manifest("words", {{"c", "echo output; exit 3"}}))});
  EXPECT_EQ(pod.wait_exit(), 1);
  EXPECT_EQ(pod.out(), "c | output\n");
  EXPECT_TRUE(pod.wait_for_err("c: started (pid "));
  EXPECT_TRUE(pod.wait_for_err("c: exited with 3"));
}

TEST_F(Foreground, PrefixesAreColouredOnATerminal) {
  const std::string file = write(manifest("colours", {{"c", "echo output"}}));
  PodRun coloured(root_, {file}, {.terminal = true});
  EXPECT_TRUE(coloured.wait_for_out("c |\033[0m output"));
  EXPECT_EQ(coloured.wait_exit(), 0);
  PodRun plain(root_, {file}, {.terminal = true, .environment = {{"NO_COLOR", "1"}}});
  EXPECT_TRUE(plain.wait_for_out("c | output"));
  EXPECT_EQ(plain.wait_exit(), 0);
}

TEST_F(Foreground, CtrlCEndsThePodWithinASecondAndStatus0) {
  PodRun pod(root_, {write(manifest("web", {{"a", ends_well}, {"b", ends_well}}))}, {.terminal = true});
  ASSERT_TRUE(pod.wait_for_out("ready", 2));
  const auto before = std::chrono::steady_clock::now();
  pod.type("\x03");
  EXPECT_EQ(pod.wait_exit(), 0);
  EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(1));
  EXPECT_TRUE(pod.wait_for_out("ends well", 2));
  EXPECT_FALSE(holds(pod.out(), "killed")) << "one Ctrl-C counted twice";
}

TEST_F(Foreground, OnlyThePauseIsInTheForegroundGroup) {
  PodRun pod(root_, {write(manifest("web", {{"a", ends_well}}))}, {.terminal = true});
  ASSERT_TRUE(pod.wait_for_out("ready"));
  const Processes processes = processes_of(root_, "default_web");
  EXPECT_EQ(processes.pause, pod.pid());
  EXPECT_EQ(session_of(processes.pause), pod.pid());
  for (const pid_t process : {processes.supervisor, processes["a"]}) EXPECT_EQ(session_of(process), process);
}

TEST_F(Foreground, ASecondInterruptKills) {
  PodRun pod(root_,
             {write(manifest("deaf", {{"c", "trap '' TERM INT; echo ready; sleep 1000"}},
                             "restartPolicy: Never\nterminationGracePeriodSeconds: 600"))},
             {.terminal = true});
  ASSERT_TRUE(pod.wait_for_out("ready"));
  pod.type("\x03");
  ASSERT_TRUE(pod.wait_for_out("c: asked to end (TERM)"));
  pod.type("\x03");
  EXPECT_EQ(pod.wait_exit(), 0);
  EXPECT_TRUE(pod.wait_for_out("c: ended by signal 9 (exit code 137)"));
}

class ForegroundSignal : public Foreground, public testing::WithParamInterface<int> {};

TEST_P(ForegroundSignal, ATerminationSignalStopsThePodGracefully) {
  PodRun pod(root_, {write(manifest("web", {{"a", ends_well}}))});
  ASSERT_TRUE(pod.wait_for_out("ready"));
  pod.signal(GetParam());
  EXPECT_EQ(pod.wait_exit(), 0);
  EXPECT_TRUE(pod.wait_for_out("a | ends well"));
}

INSTANTIATE_TEST_SUITE_P(Foreground, ForegroundSignal, testing::Values(SIGINT, SIGTERM, SIGHUP),
                         [](const auto& signal) { return std::string(::sigabbrev_np(signal.param)); });

TEST_F(Foreground, StopSignalsFromTheTerminalAreIgnored) {
  PodRun pod(root_, {write(manifest("web", {{"a", ends_well}}))}, {.terminal = true});
  ASSERT_TRUE(pod.wait_for_out("ready"));
  pod.type("\x1a\x03");
  EXPECT_EQ(pod.wait_exit(), 0);
}

TEST_F(Foreground, AClosedOutputDoesNotEndThePod) {
  std::filesystem::create_directories(root_ / "data");
  for (const auto name : {"data/first", "data/second"}) ASSERT_EQ(::mkfifo((root_ / name).c_str(), 0600), 0);
  PodRun pod(root_,
             {write(manifest("head",
                             {{"c", "echo one; read x < /data/first; echo two; read x < /data/second; exit 7",
                               "volumeMounts: [{name: data, mountPath: /data}]"}},
                             "restartPolicy: Never\nvolumes: [{name: data, hostPath: {path: " +
                                 root_ / "data" + "}}]"))});
  ASSERT_TRUE(pod.wait_for_out("c | one"));
  pod.close_out();
  root_.write("data/first", "\n");
  root_.write("data/second", "\n");  // it reads this after its second line
  EXPECT_EQ(pod.wait_exit(), 1);
  EXPECT_TRUE(pod.wait_for_err("c: exited with 7"));
  EXPECT_TRUE(holds(log("c", 0), "stdout F two\n"));
}

TEST_F(Foreground, TheStatusOfASucceededPodIs0AndOfAFailedOne1) {
  EXPECT_EQ(run(root_, {write(manifest("good", {{"c", "exit 0"}, {"d", "exit 0"}}))}).status, 0);
  EXPECT_EQ(run(root_, {write(manifest("bad", {{"c", "exit 0"}, {"d", "exit 9"}}))}).status, 1);
}

TEST_F(Foreground, AnInvalidManifestGivesStatus2AndCreatesNothing) {
  const auto before = snapshot(root_);
  const Finished ended = run(root_, {write(manifest("wrong", {{"c", "exit 0", "comand: [x]"}}))});
  EXPECT_EQ(ended.status, 2);
  EXPECT_TRUE(holds(ended.err, "command"));
  EXPECT_EQ(ended.out, "");
  EXPECT_EQ(changes(before, snapshot(root_)), "");
  EXPECT_FALSE(std::filesystem::exists(root_ / "run"));
}

TEST_F(Foreground, StartingARunningPodAgainGivesStatus4AndAHint) {
  const std::string file = write(two_sleepers("two"));
  PodRun pod(root_, {file});
  ASSERT_TRUE(pod.wait_for_err("started (pid", 2));
  const auto before = snapshot(root_);
  const Finished second = run(root_, {file});
  EXPECT_EQ(second.status, 4);
  EXPECT_TRUE(matches(second.err, "already runs \\(started [0-9]+s ago\\)"));
  EXPECT_TRUE(holds(second.err, " stop "));
  EXPECT_EQ(additions(before, snapshot(root_)), "");
}

TEST_F(Foreground, AnEndedPodLeavesNothing) {
  const std::string file =
      write(manifest("web", {{"a", ends_well, "volumeMounts: [{name: v, mountPath: /v}]"}},
                     "volumes: [{name: v, emptyDir: {}}]"));
  const auto before = snapshot(root_);
  PodRun pod(root_, {file});
  ASSERT_TRUE(pod.wait_for_out("ready"));
  EXPECT_NE(changes(before, snapshot(root_)), "");
  pod.signal(SIGINT);
  EXPECT_EQ(pod.wait_exit(), 0);
  EXPECT_EQ(changes(before, snapshot(root_)), "");
}

TEST_F(Foreground, AContainerKilledBySignal9HasExitCode137) {
  PodRun pod(root_, {write(manifest("killed", {{"c", "echo ready; sleep 1000"}}))});
  ASSERT_TRUE(pod.wait_for_out("ready"));
  end_descendant(processes_of(root_, "default_killed")["c"]);
  EXPECT_EQ(pod.wait_exit(), 1);
  EXPECT_TRUE(pod.wait_for_err("c: ended by signal 9 (exit code 137)"));
}

// An ignored SIGCHLD is inherited. Exit statuses would then be lost.
TEST_F(Foreground, AnIgnoredSigchldOfTheCallerLosesNoExit) {
  PodRun pod(root_, {write(manifest("pod", {{"c", "exit 3"}}))},
             {.before_exec = [] { ::signal(SIGCHLD, SIG_IGN); }});
  EXPECT_EQ(pod.wait_exit(), 1);
  EXPECT_TRUE(pod.wait_for_err("c: exited with 3"));
}

TEST_F(Foreground, EachInstanceHasALogFileInCriFormat) {
  PodRun pod(root_, {write(manifest("logs",
                                    {{"c", "echo out; echo err >&2; [ -e /v/x ] || { touch /v/x; exit 1; }",
                                      "volumeMounts: [{name: v, mountPath: /v}]"}},
                                    "restartPolicy: OnFailure\nvolumes: [{name: v, emptyDir: {}}]"))});
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  for (const int instance : {0, 1}) {
    std::multiset<std::string> said;
    const std::string text = log("c", instance);
    for (const std::string& line : lines_of(text)) {
      const auto record = supervisor::parse_record(line);
      ASSERT_TRUE(record) << line;
      EXPECT_TRUE(supervisor::parse_rfc3339(record->time)) << line;
      EXPECT_FALSE(record->partial);
      said.insert(std::string(record->stream == supervisor::Stream::Out ? "stdout " : "stderr ") +
                  std::string(record->text));
    }
    EXPECT_EQ(said, (std::multiset<std::string>{"stdout out", "stderr err"}))
        << "instance " << instance << "\n"
        << text;
  }
}

}  // namespace
}  // namespace podrun::test

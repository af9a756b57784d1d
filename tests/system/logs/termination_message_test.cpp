// terminationMessagePath and terminationMessagePolicy: a container's message about its end is recorded.
#include <signal.h>

#include <filesystem>

#include <nlohmann/json.hpp>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;

class TerminationMessage : public testing::Test {
 protected:
  /// The status of the pod's first container. The pod may have ended.
  nlohmann::json status() const {
    const Finished listed = run(root_, {"ps", "-a", "-o", "json"});
    const auto list = nlohmann::json::parse(listed.out, nullptr, false);
    EXPECT_EQ(list.value("/items/0/kind"_json_pointer, ""), "Pod") << listed.out << listed.err;
    return list.value("/items/0/status/containerStatuses/0"_json_pointer, nlohmann::json());
  }
  /// Runs a pod with this container to its end, and returns the message.
  std::string message_of(const std::string& script, const std::string& fields = "") {
    PodRun pod(root_, {root_.write("pod.yaml", manifest("pod", {{"c", script, fields}}))});
    pod.wait_exit();
    said_ = pod.err();
    return status().value("/state/terminated/message"_json_pointer, "");
  }

  TemporaryRoot root_;
  std::string said_;
};

TEST_F(TerminationMessage, TheMessageIsTheContentOfTheFile) {
  EXPECT_EQ(message_of("echo 'at first\nno \"database\"' > /dev/termination-log; exit 3"),
            "at first\nno \"database\"\n");
  EXPECT_TRUE(holds(said_, "c: exited with 3: \"no \\\"database\\\"\"\n")) << said_;
}

TEST_F(TerminationMessage, TheMessageOfASuccessIsKept) {
  EXPECT_EQ(message_of("echo done > /words", "terminationMessagePath: /words"), "done\n");
}

TEST_F(TerminationMessage, EveryUserCanWriteTheMessageFile) {
  EXPECT_EQ(message_of("stat -c '%a %s' /run/x/words > /run/x/words",
                       "terminationMessagePath: /run/x/words\n"
                       "securityContext: {runAsUser: 1000, readOnlyRootFilesystem: true}"),
            "666 0\n");
}

TEST_F(TerminationMessage, EachInstanceStartsWithAnEmptyMessageFile) {
  PodRun pod(
      root_,
      {root_.write(
          "pod.yaml",
          manifest("pod",
                   {{"c",
                     until_stopped_after("[ -e /v/x ] || { touch /v/x; echo first > /dev/termination-log; exit 1; }\n"
                                         "wc -c < /dev/termination-log"),
                     "volumeMounts: [{name: v, mountPath: /v}]"}},
                   "volumes: [{name: v, emptyDir: {}}]"))});
  ASSERT_TRUE(pod.wait_for_out("c | 0\n")) << pod.out();
  EXPECT_TRUE(pod.wait_for_err("c: exited with 1: \"first\"; restart 1 now")) << pod.err();
  EXPECT_EQ(status().value("/lastState/terminated/message"_json_pointer, ""), "first\n");
  pod.signal(SIGTERM);
  EXPECT_EQ(pod.wait_exit(), 0);
}

TEST_F(TerminationMessage, TheMessageOfAFailureFallsBackToTheLog) {
  const std::string policy = "terminationMessagePolicy: FallbackToLogsOnError";
  EXPECT_EQ(message_of("seq 100; exit 1", policy).substr(0, 6), "21\n22\n");
  EXPECT_EQ(message_of("echo log; echo file > /dev/termination-log; exit 1", policy), "file\n");
  EXPECT_EQ(message_of("echo log", policy), "") << "it did not fail";
  EXPECT_EQ(message_of("echo log; exit 1"), "") << "it did not ask";
}

TEST_F(TerminationMessage, TheMessageIsTheEndOfALargeFile) {
  const std::string message =
      message_of("truncate -s 100G /dev/termination-log; echo end >> /dev/termination-log; exit 1");
  EXPECT_EQ(message.size(), 4096U);
  EXPECT_EQ(message.substr(4092), "end\n");
}

TEST_F(TerminationMessage, TheMessageOfAnUnseenExitIsRecorded) {
  const std::string script = "trap 'echo bye > /dev/termination-log; exit 4' USR1\necho ready\nsleep 1000 & wait $!\n";
  PodRun pod(root_, {root_.write("pod.yaml", manifest("pod", {{"c", script}}))});
  ASSERT_TRUE(pod.wait_for_out("ready"));
  const Processes processes = processes_of(root_, "default_pod");
  // The pause is stopped, so that it cannot start another supervisor.
  pod.signal(SIGSTOP);
  const auto supervisor = ns::open_process(processes.supervisor), container = ns::open_process(processes["c"]);
  ASSERT_TRUE(supervisor && ns::send_signal(*supervisor, SIGKILL));
  ASSERT_TRUE(container && ns::send_signal(*container, SIGUSR1));
  ASSERT_TRUE(wait_until_dead(processes["c"]));
  pod.signal(SIGCONT);
  EXPECT_EQ(pod.wait_exit(), 1) << pod.err();
  EXPECT_EQ(status().value("/state/terminated/message"_json_pointer, ""), "bye\n");
}

TEST_F(TerminationMessage, TheMessageFileDoesNotAppearInTheHostsDev) {
  const HostSnapshot before = snapshot(root_);
  const std::string privileged = "securityContext: {privileged: true}\n";
  EXPECT_EQ(message_of("[ -e /dev/termination-log ] || exit 0; exit 1", privileged), "");
  EXPECT_FALSE(fs::exists("/dev/termination-log"));
  EXPECT_EQ(message_of("echo word > /words", privileged + "terminationMessagePath: /words"), "word\n");
  EXPECT_EQ(changes(before, snapshot(root_)), "");
}

}  // namespace
}  // namespace podrun::test

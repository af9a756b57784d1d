// The output of containers on the caller's terminal: text and colours, but no sequences that the terminal answers or
// executes.
#include <sys/stat.h>

#include <filesystem>

#include "tests/system/support/attached_pod.hpp"

namespace podrun::test {
namespace {

/// Output that asks for the cursor's position, sets the title and writes to the clipboard, in red.
const std::string query = "\033[6n", title = "\033]0;", clipboard = "\033]52;";
const std::string attack = "printf '\\033[31mred\\033[6n\\033]0;owned\\a\\033]52;c;eA==\\a\\033[0m\\n'\n";

class ShownOutput : public AttachedPod {
 protected:
  std::string pod(const std::string& fields, const std::string& script) {
    return root_.write("pod.yaml", manifest("pod", {{"app", script, fields}, {"b", "exit 0"}}));
  }
};

testing::AssertionResult is_harmless(const std::string& shown) {
  for (const std::string& sequence : {query, title, clipboard})
    if (holds(shown, sequence)) return testing::AssertionFailure() << sequence.substr(1) << " in " << shown;
  return testing::AssertionSuccess();
}

TEST_F(ShownOutput, OutputOfATerminalContainerKeepsOnlyColours) {
  PodRun pod_run(root_, {pod("stdin: true\ntty: true", attack)}, {.terminal = true});
  EXPECT_EQ(pod_run.wait_exit(), 0) << pod_run.out();
  EXPECT_TRUE(holds(pod_run.out(), "\033[31mred\033[0m")) << pod_run.out();
  EXPECT_TRUE(is_harmless(pod_run.out()));
  EXPECT_TRUE(holds(without_root(pod_run.out(), root_), "podrun attach -it pod/app\r\n"));
  EXPECT_FALSE(holds(pod_run.out(), "pod/b\r\n")) << "it has no terminal";
}

TEST_F(ShownOutput, TheAttachHintIsShownOnceAndOnlyOnATerminal) {
  const std::string fails_once = "test -e /v/ran && exit 0; touch /v/ran; exit 1";
  const std::string file = root_.write(
      "pod.yaml",
      manifest("pod", {{"app", fails_once, "stdin: true\ntty: true\nvolumeMounts: [{name: v, mountPath: /v}]"}},
               "restartPolicy: OnFailure\nvolumes: [{name: v, emptyDir: {}}]"));
  PodRun there(root_, {file}, {.terminal = true});
  EXPECT_EQ(there.wait_exit(), 0);
  EXPECT_TRUE(there.wait_for_out("app: started (pid", 2));
  EXPECT_FALSE(there.wait_for_out("attach -it", 2));
  EXPECT_TRUE(there.wait_for_out("attach -it"));
  EXPECT_FALSE(holds(run(root_, {file}).err, "attach"));
}

TEST_F(ShownOutput, OutputOfAPipeKeepsOnlyColours) {
  PodRun pod_run(root_, {pod("", attack + "printf '\\033]0;to stderr\\a' >&2")}, {.terminal = true});
  EXPECT_EQ(pod_run.wait_exit(), 0) << pod_run.out();
  EXPECT_TRUE(holds(pod_run.out(), "\033[31mred\033[0m"));
  EXPECT_TRUE(is_harmless(pod_run.out()));
}

TEST_F(ShownOutput, OutputIsRawInAPipeOrWithTheRawOption) {
  const std::string file = pod("", attack);
  PodRun raw(root_, {"--raw", file}, {.terminal = true});
  EXPECT_EQ(raw.wait_exit(), 0);
  for (const std::string& shown : {run(root_, {file}).out, raw.out()})
    for (const std::string& sequence : {query, title, clipboard}) EXPECT_TRUE(holds(shown, sequence));
}

TEST_F(ShownOutput, LogsOnATerminalKeepOnlyColours) {
  ASSERT_EQ(run(root_, {pod("", attack)}).status, 0);
  for (const auto& words : {std::vector<std::string>{"logs", "pod", "app"}, {"logs", "-f", "pod"}}) {
    PodRun logs(root_, words, {.terminal = true});
    EXPECT_EQ(logs.wait_exit(), 0);
    EXPECT_TRUE(holds(logs.out(), "\033[31mred\033[0m\r\n")) << logs.out();
    EXPECT_TRUE(is_harmless(logs.out()));
  }
  PodRun raw(root_, {"logs", "--raw", "pod", "app"}, {.terminal = true});
  EXPECT_EQ(raw.wait_exit(), 0);
  const std::string said = "\033[31mred" + query + title + "owned\a" + clipboard + "c;eA==\a\033[0m";
  EXPECT_EQ(raw.out(), said + "\r\n");
  EXPECT_EQ(run(root_, {"logs", "pod", "app"}).out, said + "\n");
}

TEST_F(ShownOutput, ALaterSupervisorFiltersOutputToo) {
  std::filesystem::create_directories(root_ / "data");
  ASSERT_EQ(::mkfifo((root_ / "data/go").c_str(), 0600), 0);
  const std::string volume = "volumes: [{name: data, hostPath: {path: " + root_ / "data" + "}}]";
  PodRun pod_run(root_,
                 {root_.write("pod.yaml", manifest("pod",
                                                   {{"app", "echo before; read word < /data/go\n" + attack,
                                                     "tty: true\nvolumeMounts: [{name: data, mountPath: /data}]"}},
                                                   "restartPolicy: Never\n" + volume))},
                 {.terminal = true});
  ASSERT_TRUE(pod_run.wait_for_out("before"));
  end_descendant(processes_of(root_, "default_pod").supervisor);
  root_.write("data/go", "go\n");
  EXPECT_EQ(pod_run.wait_exit(), 0) << pod_run.out();
  EXPECT_TRUE(holds(pod_run.out(), "\033[31mred\033[0m")) << pod_run.out();
  EXPECT_TRUE(is_harmless(pod_run.out()));
}

}  // namespace
}  // namespace podrun::test

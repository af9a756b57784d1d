// Answers to what is not quite right: a pod of another namespace, a file that is not there, a command of another
// program, a log that has nothing.
#include <filesystem>
#include <string>
#include <vector>

#include "tests/system/commands/verbs.hpp"

namespace podrun::test {
namespace {

using Words = std::vector<std::string>;

class Answers : public Verbs {
 protected:
  void start_one(const std::string& name, const std::string& namespace_name) {
    std::string text = manifest(name, {{"srv", until_stopped}});
    text.insert(text.find("name: " + name), "namespace: " + namespace_name + "\n  ");
    const Finished started = run(root_, {"-d", root_.write(name + ".yaml", text)});
    ASSERT_EQ(started.status, 0) << started.err;
  }
  /// The status and the error of a command line.
  std::string error_of(const Words& words) {
    const Finished ended = run(root_, words);
    return std::to_string(ended.status) + ": " + without_root(ended.err, root_);
  }
};

TEST_F(Answers, AContainerOfAPodOfAnotherNamespaceIsSuggested) {
  start_one("tw", "team");
  EXPECT_EQ(error_of({"exec", "tw", "ls"}), "125: podrun: no pod \"tw\"; did you mean \"team/tw\"?\n");
  EXPECT_EQ(error_of({"exec", "tw/srv", "ls"}), "125: podrun: no pod \"tw/srv\"; did you mean \"team/tw/srv\"?\n");
  EXPECT_EQ(error_of({"logs", "team/twx/srv"}),
            "4: podrun: no pod \"team/twx/srv\"; did you mean \"team/tw/srv\"?\n");
  EXPECT_EQ(error_of({"logs", "other/srv"}), "4: podrun: no pod \"other/srv\"\n");
}

TEST_F(Answers, ANameInTwoPodsIsSaidToBeInBoth) {
  start_one("tw", "team");
  start_one("web", "default");
  EXPECT_EQ(error_of({"logs", "srv"}), "4: podrun: \"srv\" is a container of pods web, team/tw: podrun logs web srv\n");
}

TEST_F(Answers, AFileThatIsNotThereIsNoPod) {
  EXPECT_EQ(error_of({"stop", "none.yaml"}), "4: podrun: no pod and no file \"none.yaml\"\n");
  EXPECT_EQ(error_of({"rm", "-f", "./none"}), "4: podrun: no pod and no file \"./none\"\n");
  EXPECT_EQ(error_of({"logs", "none.yaml"}), "4: podrun: no pod \"none.yaml\"\n");
  for (const std::string image : {"nginx", "nginx:1.25", "localhost/none", "registry.example/library/nginx:latest"})
    EXPECT_EQ(error_of({"run", image}),
              "2: podrun: " + image + ": there is no such file; podrun runs manifests, which name images\n");
  EXPECT_EQ(error_of({"run", "./none"}), "2: podrun: ./none: No such file or directory\n");
}

TEST_F(Answers, ForcedRemovalWithoutANameListsAllPods) {
  EXPECT_EQ(error_of({"rm", "-f"}), "2: podrun: rm: NAME is missing; there is no pod\n");
  start_one("tw", "team");
  start_one("web", "default");
  ASSERT_EQ(run(root_, {"stop", "-t", "0", "web"}).status, 0);
  EXPECT_EQ(error_of({"rm", "-f"}), "2: podrun: rm: NAME is missing; there is: team/tw, web\n");
  EXPECT_EQ(error_of({"rm"}), "2: podrun: rm: NAME is missing; pod web has ended: podrun rm web\n");
}

TEST_F(Answers, CommandsOfVolumesAreThoseOfOtherProgramsOrAnswered) {
  EXPECT_EQ(error_of({"volumes", "ls"}), "0: podrun: no volumes\n");
  EXPECT_EQ(error_of({"volumes", "list"}), "0: podrun: no volumes\n");
  EXPECT_EQ(error_of({"volumes", "create", "x"}),
            "2: podrun: volumes: unknown command \"create\": the volume of a claim is made when a pod first uses it\n");
  EXPECT_EQ(error_of({"volumes", "remove", "x"}),
            "2: podrun: volumes: unknown command \"remove\"; instead: podrun volumes rm x\n");
  EXPECT_EQ(error_of({"volumes", "nosuch"}),
            "2: podrun: volumes: unknown command \"nosuch\"; instead: podrun volumes\n");
  EXPECT_EQ(error_of({"volumes", "rm"}), "2: podrun: volumes: NAME is missing; usage: podrun volumes rm NAME...\n");
}

TEST_F(Answers, TheLogsOfAPodWhoseStartFailedEndWithTheReason) {
  const std::string volume = "{name: h, hostPath: {path: " + root_ / "absent" + ", type: Directory}}";
  const std::string file = manifest("web", {{"app", until_stopped, "volumeMounts: [{name: h, mountPath: /h}]"}},
                                    "volumes: [" + volume + "]");
  ASSERT_EQ(run(root_, {"-d", root_.write("web.yaml", file)}).status, 3);
  for (const Words& words :
       std::vector<Words>{{"logs", "web"}, {"logs", "web", "app"}, {"logs", "web/app", "--tail", "1"}}) {
    const Finished shown = run(root_, words);
    EXPECT_EQ(shown.status, 0);
    EXPECT_TRUE(shown.err.starts_with("podrun: container app has no log: it did not start: ")) << shown.err;
    EXPECT_EQ(shown.err.find('\n'), shown.err.size() - 1) << shown.err;
  }
}

TEST_F(Answers, TheReasonIsThereWhenADetachedStartHasReturned) {
  const std::string why = "did not start: command \"/no/such/program\": the container has no such file (";
  for (const std::string name : {"a", "b", "c", "d", "e"}) {
    const std::string text = manifest(name, {{"app", "", "command: [/no/such/program]"}}, "restartPolicy: Never");
    const Finished started = run(root_, {"-d", root_.write("pod.yaml", text)});
    EXPECT_TRUE(started.err.starts_with("podrun: pod " + name + ": app: " + why)) << started.err;
    const std::string logged = error_of({"logs", name});
    EXPECT_TRUE(logged.starts_with("0: podrun: container app has no log: it " + why)) << logged;
    EXPECT_TRUE(holds(run(root_, {"ps", name}).out, "StartError"));
  }
}

TEST_F(Answers, AContainerThatWaitsForItsRestartCannotBeEntered) {
  const std::string file = root_.write("web.yaml", manifest("web", {{"app", "", "command: [/no/such/program]"}},
                                                            "restartPolicy: Always"));
  ASSERT_EQ(run(root_, {"-d", file}).status, 1);
  PodRun wait({"/bin/sh", "-c",
               "until " + podrun_program + " --root " + root_.path() + " ps | grep -q CrashLoop; do :; done"});
  ASSERT_EQ(wait.wait_exit(), 0);
  const std::string why = "podrun: container app of pod web does not run: it waits to be restarted (did not start)\n";
  EXPECT_EQ(error_of({"exec", "web", "ls"}), "125: " + why);
  EXPECT_EQ(error_of({"attach", "web"}), "4: " + why);
}

TEST_F(Answers, AStartThatFailsNamesThePodOnceAndTheContainer) {
  const std::string text = manifest("web", {{"app", until_stopped, "volumeMounts: [{name: link, mountPath: /v}]\n"
                                                                    "workingDir: /v/passwd"}},
                                    "volumes: [{name: link, hostPath: {path: " + (root_ / "host") + "}}]");
  std::filesystem::create_directory(root_ / "host");
  std::filesystem::create_symlink("/etc/passwd", root_ / "host/passwd");
  const std::string file = root_.write("web.yaml", text);
  const std::string said = error_of({"-d", file});
  EXPECT_TRUE(said.starts_with("3: podrun: pod web: app: workingDir /v/passwd is not a directory")) << said;
}

}  // namespace
}  // namespace podrun::test

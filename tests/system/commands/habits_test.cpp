// What people type from habit: several names, containers by name, pods of manifests, and the answers to wrong names.
#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tests/system/commands/verbs.hpp"

namespace podrun::test {
namespace {

using Words = std::vector<std::string>;

class Habits : public Verbs {
 protected:
  /// Starts a pod with two containers that say their name.
  void start_two(const std::string& name, const std::string& namespace_name = "default") {
    std::string text = manifest(
        name, {{"srv", until_stopped_after("echo srv says")}, {"side", until_stopped_after("echo side says")}});
    text.insert(text.find("name: " + name), "namespace: " + namespace_name + "\n  ");
    const Finished started = run(root_, {"-d", root_.write(name + ".yaml", text)});
    ASSERT_EQ(started.status, 0) << started.err;
    EXPECT_EQ(started.out, (namespace_name == "default" ? name : namespace_name + "/" + name) + "\n");
  }
  std::string running() { return run(root_, {"ps", "-q"}).out; }
  std::string file_of(const std::string& name) { return root_ / (name + ".yaml"); }
  /// The status and the error of a command line.
  std::string error_of(const Words& words) {
    const Finished ended = run(root_, words);
    return std::to_string(ended.status) + ": " + without_root(ended.err, root_);
  }
};

TEST_F(Habits, ASuggestedCommandIsForTheSameRoot) {
  start_two("a");
  const std::string podrun = "podrun --root " + std::string(root_.path());
  EXPECT_TRUE(holds(run(root_, {"rm", "a"}).err,
                    "stop it first: " + podrun + " stop a, or remove it with " + podrun + " rm -f a\n"));
  EXPECT_TRUE(holds(run(root_, {"logs"}).err, "pod a runs: " + podrun + " logs a\n"));
  EXPECT_TRUE(holds(run(root_, {"exec", "a", "side"}).err, podrun + " exec a/side -- COMMAND\n"));
  EXPECT_TRUE(holds(run(root_, {"-d", file_of("a")}).err, podrun + " run --replace FILE\n"));
}

// ---- several pods ----

TEST_F(Habits, StopEndsAllPodsThatAreNamed) {
  const auto before = snapshot(root_);
  start_two("a");
  start_two("b");
  start_two("c", "shop");
  const Finished stopped = run(root_, {"stop", "a", "nosuch", "shop/c"});
  EXPECT_EQ(stopped.status, 4);
  EXPECT_EQ(stopped.err, "podrun: no pod \"nosuch\"\n");
  EXPECT_EQ(running(), "b\n");
  EXPECT_EQ(error_of({"stop", "a", "b"}), "4: podrun: pod a does not run\n");
  EXPECT_EQ(changes(before, snapshot(root_)), "");
}

TEST_F(Habits, StopAllEndsTheRunningPodsOfANamespaceOrOfAll) {
  start_two("a");
  start_two("b");
  start_two("c", "shop");
  EXPECT_EQ(run(root_, {"stop", "--all", "-n", "shop"}).status, 0);
  EXPECT_EQ(running(), "a\nb\n");
  EXPECT_EQ(run(root_, {"stop", "-a"}).status, 0);
  EXPECT_EQ(running(), "");
  EXPECT_EQ(error_of({"stop", "--all"}), "0: podrun: no pod runs\n");
}

TEST_F(Habits, AManifestStandsForItsPods) {
  for (const Words& words : std::vector<Words>{{"stop", "-f", file_of("a")},
                                               {"down", "-f", file_of("a")},
                                               {"stop", file_of("a")},
                                               {"rm", "-f", file_of("a")},
                                               {"rm", "--force", "--file", file_of("a")}}) {
    start_two("a");
    const Finished ended = run(root_, words);
    EXPECT_EQ(ended.status, 0) << words[1] << ended.err;
    EXPECT_EQ(running(), "") << words[1];
  }
}

TEST_F(Habits, AFolderWithTheNameOfAPodIsNoManifest) {
  start_two("a");
  std::filesystem::create_directory(root_ / "work");
  std::filesystem::create_directory(root_ / "work/b");
  std::filesystem::copy_file(file_of("a"), root_ / "work/b/a.yaml");
  PodRun stop({"/bin/sh", "-c",
               "cd " + root_.path() + "/work && " + podrun_program + " --root " + root_.path() + " stop b default/b"});
  EXPECT_EQ(stop.wait_exit(), 4);
  EXPECT_EQ(running(), "a\n");
}

TEST_F(Habits, RmOfARunningPodSaysHowAndForceDoesIt) {
  const auto before = snapshot(root_);
  start_two("a");
  EXPECT_EQ(error_of({"rm", "a"}),
            "4: podrun: pod a runs; stop it first: podrun stop a, or remove it with podrun rm -f a\n");
  EXPECT_EQ(running(), "a\n");
  EXPECT_EQ(run(root_, {"rm", "-f", "a"}).status, 0);
  EXPECT_EQ(run(root_, {"ps", "-aq"}).out, "");
  EXPECT_EQ(changes(before, snapshot(root_)), "");
}

TEST_F(Habits, RmAllRemovesWhatHasEndedAndForceTheRest) {
  start_two("a");
  start_two("b");
  ASSERT_EQ(run(root_, {"stop", "a"}).status, 0);
  EXPECT_EQ(run(root_, {"rm", "--all"}).status, 0);
  EXPECT_EQ(run(root_, {"ps", "-aq"}).out, "b\n");
  EXPECT_EQ(run(root_, {"rm", "--all", "--force"}).status, 0);
  EXPECT_EQ(run(root_, {"ps", "-aq"}).out, "");
}

TEST_F(Habits, PsListsThePodsThatAreNamedAlsoIfTheyHaveEnded) {
  start_two("a");
  start_two("b");
  ASSERT_EQ(run(root_, {"stop", "a"}).status, 0);
  EXPECT_EQ(run(root_, {"ps", "-q", "a", "b"}).out, "a\nb\n");
  EXPECT_EQ(json({"ps", "a"}).at("items").size(), 1U);
  const Finished listed = run(root_, {"ps", "-q", "b", "nosuch"});
  EXPECT_EQ(listed.out, "b\n");
  EXPECT_EQ(listed.status, 4);
}

// ---- run --replace ----

TEST_F(Habits, ReplaceStopsThePodOfTheSameNameFirst) {
  start_two("a");
  const pid_t first = processes_of(root_, "default_a").pause;
  EXPECT_EQ(run(root_, {"run", "-d", file_of("a")}).status, 4);
  const Finished replaced = run(root_, {"run", "-d", "--replace", file_of("a")});
  EXPECT_EQ(replaced.status, 0) << replaced.err;
  EXPECT_NE(processes_of(root_, "default_a").pause, first);
  ASSERT_EQ(run(root_, {"stop", "a"}).status, 0);
  EXPECT_EQ(run(root_, {"run", "-d", "--replace", file_of("a")}).status, 0);
}

TEST_F(Habits, AManifestThatCannotStartReplacesNothing) {
  start_two("a");
  const pid_t first = processes_of(root_, "default_a").pause;
  const auto wrong = manifest("a", {{"srv", "exit 0", "", "localhost/nosuch"}});
  EXPECT_NE(run(root_, {"run", "-d", "--replace", root_.write("wrong.yaml", wrong)}).status, 0);
  EXPECT_EQ(processes_of(root_, "default_a").pause, first);
}

// ---- containers ----

TEST_F(Habits, AContainerIsNamedInEachWay) {
  start_two("a");
  for (const Words& words :
       std::vector<Words>{{"exec", "a", "-c", "side", "hostname"},
                          {"exec", "-c", "side", "a", "--", "hostname"},
                          {"exec", "a/side", "hostname"},
                          {"exec", "default/a/side", "hostname"},
                          {"debug", "a", "--image", "localhost/busybox", "--target", "side", "hostname"},
                          {"debug", "--image=localhost/busybox", "a", "-c=side", "--", "hostname"}}) {
    const Finished ended = run(root_, words);
    EXPECT_EQ(ended.status, 0) << words[1] << ended.err;
    EXPECT_EQ(ended.out, "a\n") << words[1];
    EXPECT_EQ(ended.err, "") << words[1];  // no note that the container was chosen
  }
  PodRun all(root_, {"logs", "-f", "a"});
  ASSERT_TRUE(all.wait_for_out("says", 2));
  for (const Words& words : std::vector<Words>{{"logs", "a", "side"},
                                               {"logs", "a/side"},
                                               {"logs", "a", "-c", "side"},
                                               {"logs", "default/a", "--container=side"},
                                               {"logs", "--tail=1", "default/a/side"}})
    EXPECT_EQ(run(root_, words).out, "side says\n") << words[1];
  EXPECT_EQ(run(root_, {"logs", "a", "-c", "side", "--prefix"}).out, "side | side says\n");
  EXPECT_EQ(run(root_, {"logs", "a/side", "--since", "2000-01-01"}).out, "side says\n");
  EXPECT_EQ(run(root_, {"logs", "a/side", "--since", "2100-01-01"}).out, "");
  EXPECT_EQ(error_of({"logs", "a/side", "srv"}), "2: podrun: logs: two containers are named: side and srv\n");
  EXPECT_EQ(error_of({"logs", "a", "nosuch"}), "4: podrun: pod a has no container \"nosuch\"; it has srv, side\n");
}

TEST_F(Habits, TheOptionsOfACommandAreItsOwn) {
  start_two("a");
  EXPECT_EQ(run(root_, {"exec", "a/srv", "echo", "-n", "--help", "--", "x"}).out, "--help -- x");
  EXPECT_EQ(run(root_, {"exec", "a/srv", "sh", "-c", "exit 7"}).status, 7);
}

// ---- wrong and missing names ----

TEST_F(Habits, TheNameOfAContainerIsAnsweredWithTheWholeCommand) {
  start_two("a");
  EXPECT_EQ(error_of({"logs", "srv"}), "4: podrun: \"srv\" is a container of pod a: podrun logs a srv\n");
  EXPECT_EQ(error_of({"logs", "-f", "srv"}), "4: podrun: \"srv\" is a container of pod a: podrun logs -f a srv\n");
  EXPECT_EQ(error_of({"exec", "srv", "ls", "/"}),
            "125: podrun: \"srv\" is a container of pod a: podrun exec a/srv -- ls /\n");
  EXPECT_EQ(error_of({"attach", "side"}), "4: podrun: \"side\" is a container of pod a: podrun attach a/side\n");
  EXPECT_EQ(error_of({"debug", "srv", "--image", "localhost/busybox"}),
            "125: podrun: \"srv\" is a container of pod a: podrun debug a/srv --image localhost/busybox\n");
  EXPECT_EQ(error_of({"ns", "a/srv"}), "4: podrun: no pod \"a/srv\"; ns takes the name of a pod: a\n");
  EXPECT_EQ(error_of({"stop", "srv"}), "4: podrun: \"srv\" is a container of pod a; stop takes the name of a pod\n");
  EXPECT_TRUE(holds(error_of({"exec", "a", "side"}),
                    "podrun: \"side\" is a container of pod a: podrun exec a/side -- COMMAND\n"));
  ASSERT_EQ(run(root_, {"stop", "a"}).status, 0);
  EXPECT_EQ(error_of({"logs", "srv"}), "4: podrun: \"srv\" is a container of pod a: podrun logs a srv\n");
}

TEST_F(Habits, AManifestOrAKindInPlaceOfANameIsAnswered) {
  start_two("a");
  EXPECT_EQ(error_of({"logs", file_of("a")}),
            "4: podrun: \"" + file_of("a") + "\" is the manifest of pod a: podrun logs a\n");
  EXPECT_EQ(error_of({"logs", "pod/a"}), "4: podrun: no pod \"pod/a\"; did you mean \"a\"?\n");
  EXPECT_EQ(error_of({"exec", "pod/a", "ls"}), "125: podrun: no pod \"pod/a\"; did you mean \"a\"?\n");
  EXPECT_EQ(error_of({"logs", "-n", "10", "a"}),
            "4: podrun: no pod \"a\" in namespace 10; the last lines are --tail 10\n");
}

TEST_F(Habits, AMissingNameIsAnsweredWithThePodsThatRun) {
  EXPECT_EQ(error_of({"stop"}), "2: podrun: stop: NAME is missing; no pod runs\n");
  start_two("a");
  EXPECT_EQ(error_of({"stop"}), "2: podrun: stop: NAME is missing; pod a runs: podrun stop a\n");
  EXPECT_EQ(error_of({"logs", "-f"}), "2: podrun: logs: NAME is missing; pod a runs: podrun logs -f a\n");
  EXPECT_EQ(error_of({"exec", "-i"}), "125: podrun: exec: POD is missing; pod a runs: podrun exec -i a -- COMMAND\n");
  EXPECT_EQ(error_of({"rm"}), "2: podrun: rm: NAME is missing; no pod has ended\n");
  start_two("b", "shop");
  EXPECT_EQ(error_of({"ns"}), "2: podrun: ns: NAME is missing; these pods run: a, shop/b\n");
  EXPECT_EQ(error_of({"ns", "-n", "shop"}), "2: podrun: ns: NAME is missing; pod shop/b runs: podrun ns shop/b\n");
}

TEST_F(Habits, APodHasOneSpellingInEachOutput) {
  start_two("a");
  start_two("b", "shop");
  std::string said;
  for (const Words& words : std::vector<Words>{{"ps"},
                                               {"ns", "a"},
                                               {"ns", "--verify", "a"},
                                               {"ns", "-o", "dot", "a"},
                                               {"ns", "-o", "svg", "b", "-n", "shop"},
                                               {"timeline", "a"},
                                               {"timeline", "-o", "svg", "shop_b"},
                                               {"check", file_of("a")},
                                               {"check", file_of("b")},
                                               {"rm", "a"},
                                               {"rm", "shop_b"},
                                               {"exec", "a/nosuch", "ls"},
                                               {"attach", "-i", "shop/b"},
                                               {"logs", "shop/b", "nosuch"},
                                               {"stop", "a"},
                                               {"stop", "a"},
                                               {"ns", "a"},
                                               {"exec", "a", "ls"}}) {
    const Finished ended = run(root_, words);
    said += ended.out + ended.err;
  }
  EXPECT_FALSE(holds(said, "default_a")) << said;
  EXPECT_FALSE(holds(said, "default/a")) << said;
  EXPECT_FALSE(holds(said, "shop_b")) << said;
  EXPECT_TRUE(holds(said, "pod shop/b, 2 containers")) << said;
}

}  // namespace
}  // namespace podrun::test

// The verbs that list pods, end them, and look at manifests and the host.
#include <signal.h>

#include <filesystem>
#include <string>
#include <vector>

#include "tests/system/commands/verbs.hpp"

namespace podrun::test {
namespace {

// ---- ps ----

TEST_F(Verbs, PsListsWhatRunsInKubectlsColumns) {
  start(two_sleepers("two"));
  const Finished table = run(root_, {"ps"});
  EXPECT_EQ(table.status, 0);
  EXPECT_TRUE(matches(table.out, "^NAME +READY +STATUS +RESTARTS +AGE"));
  EXPECT_TRUE(matches(table.out, "\ntwo +2/2 +Running +0 +[0-9]+s"));
}

TEST_F(Verbs, PsListsEndedPodsOnlyWithAll) {
  EXPECT_EQ(run(root_, {root_.write("pod.yaml", manifest("bad", {{"c", "exit 3"}}))}).status, 1);
  EXPECT_FALSE(holds(run(root_, {"ps"}).out, "bad"));
  EXPECT_TRUE(matches(run(root_, {"ps", "-a"}).out, "\nbad +0/1 +Error +0"));
  const auto pod = json({"ps", "-a"}).at("items").at(0);
  EXPECT_EQ(pod.at("status").at("phase"), "Failed");
  EXPECT_EQ(pod.at("status").at("containerStatuses").at(0).at("state").at("terminated").at("exitCode"), 3);
}

TEST_F(Verbs, PsListsNoPodsOfAnotherRoot) {
  start(two_sleepers("two"));
  TemporaryRoot other;
  EXPECT_FALSE(holds(run(other, {"ps", "-a"}).out, "two"));
}

// ---- stop ----

TEST_F(Verbs, StopReturnsWhenEverythingIsGone) {
  const auto before = snapshot(root_);
  start(manifest("web", {{"a", ready_until_stopped}, {"b", ready_until_stopped}}));
  {
    PodRun logs(root_, {"logs", "-f", "web"});
    ASSERT_TRUE(logs.wait_for_out("ready", 2));
  }
  const Finished stopped = run(root_, {"stop", "web"});
  EXPECT_EQ(changes(before, snapshot(root_)), "");
  EXPECT_EQ(stopped.status, 0) << stopped.err;
}

TEST_F(Verbs, StopWithoutGraceKills) {
  const auto before = snapshot(root_);
  start(two_sleepers("two"));
  EXPECT_EQ(run(root_, {"stop", "--grace-period", "0", "two"}).status, 0);
  EXPECT_EQ(changes(before, snapshot(root_)), "");
}

TEST_F(Verbs, AnUnknownPodGivesStatus4) {
  for (const std::string verb : {"stop", "logs", "ns"}) {
    const Finished ended = run(root_, {verb, "nosuch"});
    EXPECT_EQ(ended.status, 4) << verb;
    EXPECT_TRUE(holds(ended.err, "nosuch"));
  }
}

TEST_F(Verbs, APodIsKnownByNameNamespaceAndId) {
  for (const std::string name : {"two", "default/two", "default_two"}) {
    start(two_sleepers("two"));
    EXPECT_EQ(run(root_, {"stop", "--grace-period", "0", name}).status, 0) << name;
  }
}

// ---- rm ----

TEST_F(Verbs, RmRemovesTheLogs) {
  EXPECT_EQ(run(root_, {root_.write("pod.yaml", manifest("done", {{"a", "echo one"}}))}).status, 0);
  EXPECT_FALSE(std::filesystem::is_empty(root_.layout().logs()));
  EXPECT_EQ(run(root_, {"rm", "done"}).status, 0);
  EXPECT_TRUE(std::filesystem::is_empty(root_.layout().logs()));
  EXPECT_FALSE(holds(run(root_, {"ps", "-a"}).out, "done"));
}

TEST_F(Verbs, RmRefusesARunningPod) {
  start(two_sleepers("two"));
  const auto before = snapshot(root_);
  const Finished refused = run(root_, {"rm", "two"});
  EXPECT_NE(refused.status, 0);
  EXPECT_TRUE(holds(refused.err, " stop "));
  EXPECT_EQ(additions(before, snapshot(root_)), "");
}

TEST_F(Verbs, RmRemovesWhatAKilledPauseLeft) {
  const auto before = snapshot(root_);
  start(two_sleepers("two"));
  const Processes pod = processes_of(root_, "default_two");
  const auto supervisor = ns::open_process(pod.supervisor);
  ASSERT_TRUE(supervisor);
  ASSERT_TRUE(ns::send_signal(*supervisor, SIGSTOP));  // or it would clean up
  end_descendant(pod.pause);
  end_all_descendants();
  EXPECT_NE(changes(before, snapshot(root_)), "");
  EXPECT_EQ(run(root_, {"rm", "two"}).status, 0);
  EXPECT_EQ(changes(before, snapshot(root_)), "");
}

// ---- check, plan, info ----

TEST_F(Verbs, CheckFindsEveryMistakeAndCreatesNothing) {
  const auto text = manifest("wrong", {{"c", "exit 0", "comand: [x]"}, {"C", "exit 0"}});
  const Finished ended = run(root_, {"check", root_.write("wrong.yaml", text)});
  EXPECT_EQ(ended.status, 2);
  EXPECT_EQ(ended.out, "");
  EXPECT_TRUE(matches(ended.err, "wrong.yaml:[0-9]+:[0-9]+: error: unknown field \"comand\" in a container\n"));
  EXPECT_TRUE(matches(ended.err, "wrong.yaml:[0-9]+:[0-9]+: error: name \"C\" must be lower-case letters"));
  EXPECT_EQ(run(root_, {"check", example("web")}).status, 0);
  EXPECT_FALSE(std::filesystem::exists(root_ / "run"));
}

TEST_F(Verbs, PlanCreatesNothing) {
  EXPECT_EQ(run(root_, {"plan", example("web")}).status, 0);
  EXPECT_FALSE(std::filesystem::exists(root_ / "run"));
  EXPECT_FALSE(std::filesystem::exists(root_ / "var"));
}

TEST_F(Verbs, InfoTellsTheKernel) {
  const Finished info = run(root_, {"info"});
  EXPECT_EQ(info.status, 0);
  EXPECT_TRUE(holds(info.out, root_.facts().kernel));
}

TEST_F(Verbs, AUsageErrorGivesStatus2) {
  for (const std::vector<std::string>& words :
       std::vector<std::vector<std::string>>{{"stop"}, {"ps", "--nosuch"}, {"-d"}})
    EXPECT_EQ(run(root_, words).status, 2) << words.front();
}

}  // namespace
}  // namespace podrun::test

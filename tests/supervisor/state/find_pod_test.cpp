// Finding pods by the names on the command line, and the former runs that have logs.
#include "supervisor/state/find_pod.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "supervisor/state/logged_runs.hpp"
#include "supervisor/state/pod_lock.hpp"
#include "supervisor/state/state_file.hpp"

namespace podrun::supervisor {
namespace {

class FindPodTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string name = testing::TempDir() + "/podrun-find-XXXXXX";
    ASSERT_NE(::mkdtemp(name.data()), nullptr);
    layout = Layout(name);
  }
  void TearDown() override { std::filesystem::remove_all(layout.root()); }

  void make_running(const std::string& id) { std::filesystem::create_directories(layout.run_of(id)); }

  /// A former run whose logs were last written so many seconds ago.
  void make_logs(const std::string& id, const std::string& uid, int seconds_ago) {
    const std::string directory = layout.logs_of(id, uid);
    std::filesystem::create_directories(directory);
    std::filesystem::last_write_time(
        directory, std::filesystem::file_time_type::clock::now() - std::chrono::seconds(seconds_ago));
  }

  CommandResult<std::string> find(const std::string& name, const std::string& namespace_name = "") {
    return find_pod(layout, name, namespace_name);
  }

  Layout layout;
};

TEST_F(FindPodTest, APodIsFoundWhileItRunsOrHasLogs) {
  make_running("default_web");
  make_logs("shop_db", "1", 0);
  EXPECT_EQ(find("web").value_or(""), "default_web");
  EXPECT_EQ(find("shop/db").value_or(""), "shop_db");
  EXPECT_EQ(find("shop_db").value_or(""), "shop_db");
  EXPECT_EQ(find("db", "shop").value_or(""), "shop_db");
}

TEST_F(FindPodTest, AnUnknownNameIsRefusedWithTheNearestOne) {
  make_running("default_frontend");
  const auto found = find("fronted");
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().status, ExitStatus::NameConflict);
  EXPECT_EQ(found.error().text, "podrun: no pod \"fronted\"; did you mean \"frontend\"?\n");
  EXPECT_EQ(find("xyz").error().text, "podrun: no pod \"xyz\"\n");
}

TEST_F(FindPodTest, AnUnknownNameSuggestsItsNamesakeInAnotherNamespace) {
  make_running("shop_web");
  EXPECT_EQ(find("web").error().text, "podrun: no pod \"web\"; did you mean \"shop/web\"?\n");
}

TEST_F(FindPodTest, AnotherNameIsNoMisspelling) {
  make_running("default_web");
  make_running("shop_webs");
  EXPECT_EQ(find("pod").error().text, "podrun: no pod \"pod\"\n");
  EXPECT_EQ(find("wbe").error().text, "podrun: no pod \"wbe\"; did you mean \"web\"?\n");
  EXPECT_EQ(find("wesb", "shop").error().text, "podrun: no pod \"wesb\"; did you mean \"shop/webs\"?\n");
}

TEST_F(FindPodTest, APodThatLeavesHasAFinalStatusAndOneThatStartsHasNone) {
  make_logs("default_web", "1", 9);
  std::ofstream(layout.logs_of("default_web", "1") + "/status.json") << "{}";
  EXPECT_FALSE(final_status_of_leaving(layout, "default_web")) << "it is gone";
  const auto lock = lock_pod(layout, "default_web");
  ASSERT_TRUE(lock && *lock);
  EXPECT_FALSE(final_status_of_leaving(layout, "default_web")) << "its start has not said its uid yet";
  ASSERT_TRUE(write_lock_uid(*lock, "2"));
  EXPECT_FALSE(final_status_of_leaving(layout, "default_web")) << "the status is that of its last run";
  ASSERT_TRUE(write_lock_uid(*lock, "1"));
  EXPECT_EQ(final_status_of_leaving(layout, "default_web"), "{}");
}

TEST_F(FindPodTest, AContainerIsFoundByItsNameAlsoAsOtherProgramsWriteIt) {
  for (const std::string container : {"app", "log"})
    std::filesystem::create_directories(layout.logs_of("default_ended", "1") + "/" + container);
  std::filesystem::create_directories(layout.logs_of("shop_ended", "2") + "/app");
  const auto found = [&](const std::string& name, const std::string& namespace_name = "") {
    std::string pods;
    for (const NamedContainer& container : containers_named(layout, name, namespace_name))
      pods += container.pod + ":" + container.name + " ";
    return pods;
  };
  EXPECT_EQ(found("log"), "default_ended:log ");
  EXPECT_EQ(found("ended-log"), "default_ended:log ");
  EXPECT_EQ(found("ended-log-1"), "default_ended:log ");
  EXPECT_EQ(found("app", "shop"), "shop_ended:app ");
  EXPECT_EQ(found("nosuch"), "");

  // Those of a pod that runs come alone.
  const auto lock = try_lock_pod(layout, "default_web");
  ASSERT_TRUE(lock && *lock);
  const StateFile state(layout, "default_web");
  ASSERT_TRUE(state.allocate());
  PodRecord record{.id = "default_web", .name = "web", .namespace_name = "default"};
  record.containers.push_back({.name = "app"});
  record.status.containers.resize(1);
  ASSERT_TRUE(state.write(record));
  EXPECT_EQ(found("app"), "default_web:app ");
  EXPECT_EQ(found("app", "shop"), "shop_ended:app ");
}

TEST_F(FindPodTest, ANameIsNeverAPath) {
  std::filesystem::create_directories(layout.root() + "/run/a_b");
  EXPECT_FALSE(find("../a_b"));
  EXPECT_FALSE(find(".."));
}

TEST_F(FindPodTest, RunsWithLogsAreListedNewestFirst) {
  make_logs("default_web", "old", 100);
  make_logs("default_web", "new", 1);
  make_logs("shop_db", "uid-with-dashes", 50);
  std::filesystem::create_directories(layout.logs() + "/something-else");
  const std::vector<LoggedRun> runs = logged_runs(layout);
  ASSERT_EQ(runs.size(), 3u);
  EXPECT_EQ(runs[0].uid, "new");
  EXPECT_EQ(runs[1].id, "shop_db");
  EXPECT_EQ(runs[1].uid, "uid-with-dashes");
  EXPECT_EQ(runs[2].uid, "old");
}

}  // namespace
}  // namespace podrun::supervisor

// The table of rules that pods have in common: it is there as long as one of them is, whoever made it.
#include <signal.h>

#include <fmt/format.h>

#include "supervisor/state/state_file.hpp"
#include "tests/system/network/lan.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

std::string all_tables() { return shell("nft list tables | grep -o 'inet podrun-.*' | sort").out; }
std::string rules() { return shell("nft list ruleset").out; }

class SharedTable : public testing::Test {
 protected:
  /// The manifest of a pod that serves its name at a port of the host.
  static std::string text_of(const std::string& name, int port) {
    return manifest(
        name, {{.name = "app",
                .script = until_stopped_after("mkdir -p /www && echo " + name +
                                              " > /www/index.html && httpd -p 80 -h /www"),
                .fields = fmt::format("ports: [{{containerPort: 80, hostPort: {}}}]\n"
                                      "readinessProbe: {{tcpSocket: {{port: 80}}, periodSeconds: 1}}",
                                      port)}});
  }
  static void start(const TemporaryRoot& root, const std::string& name, int port) {
    const Finished started = run(root, {"-d", "--wait=ready", root.write(name + ".yaml", text_of(name, port))});
    ASSERT_EQ(started.status, 0) << started.err;
  }
  void start(const std::string& name, int port) { start(root_, name, port); }
  void stop(const std::string& name) { EXPECT_EQ(run(root_, {"stop", "-t", "0", name}).status, 0); }
  /// Kills the pause and the supervisor of a pod at the same time: nobody cleans up.
  void kill_all_of(const std::string& name) {
    const Processes processes = processes_of(root_, "default_" + name);
    ASSERT_EQ(::kill(processes.supervisor, SIGSTOP), 0);
    ASSERT_EQ(::kill(processes.pause, SIGKILL), 0);
    ASSERT_EQ(::kill(processes.supervisor, SIGKILL), 0);
    ASSERT_TRUE(wait_until_dead(processes.pause));
  }
  std::string address_of(const std::string& name) {
    return pod::text_of(*supervisor::read_state(root_.layout(), "default_" + name)->networks.at(0).addresses.ipv4);
  }
  testing::AssertionResult serves(const std::string& name, int port) {
    for (const std::string host : {"192.0.2.1", "[2001:db8::1]"}) {
      const std::string url = fmt::format("http://{}:{}", host, port);
      if (fetched_by(lan_, url) != name + "\n") return testing::AssertionFailure() << url << " from the client";
      if (fetched(url) != name + "\n") return testing::AssertionFailure() << url << " from the host";
    }
    return testing::AssertionSuccess();
  }

  TemporaryRoot root_;
  Lan lan_;
};

TEST_F(SharedTable, PodsHaveOneInWhichEachHasItsPorts) {
  start("one", 8081);
  const std::string table = all_tables();
  start("two", 8082);
  EXPECT_EQ(all_tables(), table);
  EXPECT_EQ(lines_of(table).size(), 1U) << table;
  EXPECT_TRUE(serves("one", 8081));
  EXPECT_TRUE(serves("two", 8082));
  const std::string first = address_of("one");
  stop("one");
  EXPECT_FALSE(holds(rules(), first + " "));
  EXPECT_EQ(fetched_by(lan_, "http://192.0.2.1:8081"), "");
  EXPECT_TRUE(serves("two", 8082));
  stop("two");
  EXPECT_EQ(all_tables(), "");
}

TEST_F(SharedTable, PodsThatStartTogetherHaveOne) {
  std::string files;
  for (int i = 0; i < 8; ++i) {
    const std::string name = fmt::format("p{}", i);
    files += " " + root_.write(name + ".yaml", text_of(name, 8080 + i));
  }
  const Shell started = shell("for file in " + files + "; do " + podrun_program + " --root " + root_.path() +
                              " -d --wait=ready $file & done; wait");
  EXPECT_EQ(lines_of(all_tables()).size(), 1U) << all_tables() << started.out;
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(serves(fmt::format("p{}", i), 8080 + i));
  EXPECT_EQ(run(root_, {"stop", "-t", "0", "--all"}).status, 0);
  EXPECT_EQ(all_tables(), "");
}

TEST_F(SharedTable, ItOutlivesThePodThatMadeItAndLosesWhatThatHasLeft) {
  start("maker", 8081);
  start("two", 8082);
  const std::string table = all_tables(), maker = address_of("maker");
  kill_all_of("maker");
  EXPECT_TRUE(serves("two", 8082));
  EXPECT_EQ(fetched_by(lan_, "http://192.0.2.1:8081"), "");
  start("three", 8081);
  EXPECT_EQ(all_tables(), table);
  EXPECT_FALSE(holds(rules(), maker + " ")) << rules();
  EXPECT_TRUE(serves("three", 8081));
  kill_all_of("two");
  EXPECT_TRUE(serves("three", 8081));
  kill_all_of("three");
  EXPECT_EQ(all_tables(), "");
  EXPECT_EQ(run(root_, {"rm", "--leftovers"}).status, 0);
}

TEST_F(SharedTable, AnotherSupervisorTakesItOver) {
  start("one", 8081);
  start("two", 8082);
  const std::string two = address_of("two");
  for (const char* const name : {"one", "two"}) {
    const Processes processes = processes_of(root_, std::string("default_") + name);
    ASSERT_EQ(::kill(processes.supervisor, SIGKILL), 0);
    ASSERT_TRUE(wait_until_dead(processes.supervisor));
  }
  EXPECT_TRUE(serves("one", 8081));
  stop("two");
  EXPECT_FALSE(holds(rules(), two + " "));
  EXPECT_TRUE(serves("one", 8081));
  stop("one");
  EXPECT_EQ(all_tables(), "");
}

TEST_F(SharedTable, AFlushOfTheRulesLeavesIt) {
  start("one", 8081);
  start("two", 8082);
  ASSERT_EQ(shell("nft flush ruleset").status, 0);
  EXPECT_TRUE(serves("one", 8081));
  EXPECT_TRUE(serves("two", 8082));
  stop("one");
  stop("two");
}

TEST_F(SharedTable, PodsOfAnotherRootHaveTheirOwn) {
  const TemporaryRoot other;
  // Roots do not know what others have turned on.
  const std::string forwarding = "/proc/sys/net/ipv4/ip_forward /proc/sys/net/ipv6/conf/all/forwarding > /dev/null";
  ASSERT_EQ(shell("echo 1 | tee " + forwarding).status, 0);
  start("one", 8081);
  const std::string table = lines_of(all_tables()).at(0);
  start(other, "far", 8082);
  const auto tables = lines_of(all_tables());
  ASSERT_EQ(tables.size(), 2U);
  EXPECT_TRUE(tables.at(1).starts_with(table + "-")) << tables.at(1);
  EXPECT_TRUE(serves("one", 8081));
  EXPECT_TRUE(serves("far", 8082));
  stop("one");
  EXPECT_TRUE(serves("far", 8082));
  EXPECT_EQ(run(other, {"stop", "-t", "0", "far"}).status, 0);
  EXPECT_EQ(all_tables(), "");
  EXPECT_EQ(shell("echo 0 | tee " + forwarding).status, 0);
}

TEST_F(SharedTable, AForeignTableOfThatNameIsNotTouched) {
  start("one", 8081);
  const std::string table = lines_of(all_tables()).at(0);
  stop("one");
  ASSERT_EQ(shell("nft add table " + table).status, 0);
  start("one", 8081);
  EXPECT_TRUE(serves("one", 8081));
  EXPECT_EQ(lines_of(all_tables()).size(), 2U) << all_tables();
  stop("one");
  EXPECT_EQ(all_tables(), table + "\n");
  EXPECT_EQ(shell("nft delete table " + table).status, 0);
}

TEST_F(SharedTable, AStartThatFailsLeavesNothingInIt) {
  start("one", 8081);
  const std::string file = root_.write("two.yaml", text_of("two", 8082));
  const std::string before = rules();
  // The pod needs forwarding, and cannot turn it on: a step after that of the table fails.
  ASSERT_EQ(shell("echo 0 > /proc/sys/net/ipv4/ip_forward").status, 0);
  const Shell refused = shell("unshare -m sh -c 'mount -t proc proc /proc; mount -o remount,bind,ro /proc/sys 2>&- || "
                              "mount --bind -o ro /proc/sys /proc/sys; exec " +
                              podrun_program + " --root " + root_.path() + " -d " + file + "'");
  EXPECT_EQ(refused.status, 3) << refused.out;
  EXPECT_TRUE(holds(refused.out, "ip_forward")) << refused.out;
  EXPECT_EQ(rules(), before);
  stop("one");
}

}  // namespace
}  // namespace podrun::test

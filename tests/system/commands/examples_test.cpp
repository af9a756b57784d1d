// The examples do what their comments say.
#include <signal.h>

#include <chrono>
#include <filesystem>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

class Example : public testing::Test {
 protected:
  /// Interrupts a pod and expects that it ends with 0 within a second.
  static void interrupt(PodRun& pod) {
    const auto before = std::chrono::steady_clock::now();
    pod.signal(SIGINT);
    EXPECT_EQ(pod.wait_exit(), 0);
    EXPECT_LT(std::chrono::steady_clock::now() - before, std::chrono::seconds(1)) << pod.err();
  }

  /// Expects that the namespaces, as the kernel shows them, are those of the manifest.
  void expect_promised_namespaces(const std::string& name) const {
    const Finished compared = run(root_, {"ns", "--verify", name});
    EXPECT_EQ(compared.status, 0) << compared.out << compared.err;
  }

  TemporaryRoot root_;
};

TEST_F(Example, WebServesItsVisitor) {
  const auto before = snapshot(root_);
  PodRun pod(root_, {example("web")});
  EXPECT_TRUE(pod.wait_for_out("visitor | Hello from web, it is ", 2));
  interrupt(pod);
  EXPECT_EQ(changes(before, snapshot(root_)), "");
}

TEST_F(Example, WebAlsoRunsInTheBackground) {
  const Finished started = run(root_, {"-d", example("web")});
  EXPECT_EQ(started.out, "web\n") << started.err;
  EXPECT_EQ(started.status, 0);
  PodRun logs(root_, {"logs", "-f", "web", "visitor"});
  EXPECT_TRUE(logs.wait_for_out("Hello from web, it is ", 2));
  expect_promised_namespaces("web");
  EXPECT_EQ(run(root_, {"stop", "web"}).status, 0);
  EXPECT_EQ(logs.wait_exit(), 0);
}

TEST_F(Example, WebAnswersAtItsPortOfTheHost) {
  ASSERT_EQ(run(root_, {"-d", "--wait=ready", example("web")}).status, 0);
  PodRun logs(root_, {"logs", "-f", "web", "visitor"});
  ASSERT_TRUE(logs.wait_for_out("Hello from web"));
  PodRun client({"/usr/bin/curl", "-s", "--max-time", "5", "http://localhost:8080"});
  EXPECT_EQ(client.wait_exit(), 0);
  EXPECT_TRUE(client.wait_for_out("Hello from web, it is "));
  EXPECT_EQ(run(root_, {"stop", "web"}).status, 0);
}

TEST_F(Example, TheGuestbookFindsItsEntriesByTheNameOfTheService) {
  const auto before = snapshot(root_);
  ASSERT_EQ(run(root_, {"-d", "--wait=ready", example("guestbook")}).status, 0);
  const auto page = [](const std::string& signature) {
    PodRun client({"/usr/bin/curl", "-s", "--max-time", "5", "http://localhost:8081/cgi-bin/page" + signature});
    client.wait_exit();
    return client.out();
  };
  EXPECT_EQ(page(""), "The book is open.\n");
  EXPECT_EQ(page("?hello"), "The book is open.\nhello\n");
  EXPECT_EQ(run(root_, {"stop", "frontend", "entries"}).status, 0);
  std::filesystem::remove_all(root_.layout().logs());
  EXPECT_EQ(changes(before, snapshot(root_)), "");
}

// The example fails once more than this pod, and its second restart waits 10 s.
TEST_F(Example, JobEndsWellAfterItsFailures) {
  std::string text = contents_of(example("job"));
  const auto limit = text.find("-lt 3");
  ASSERT_NE(limit, std::string::npos);
  PodRun pod(root_, {root_.write("job.yaml", text.replace(limit, 5, "-lt 2"))});
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_TRUE(pod.wait_for_err("flaky | attempt 1 fails"));
  EXPECT_TRUE(pod.wait_for_out("flaky | attempt 2 succeeds"));
  EXPECT_TRUE(pod.wait_for_out("quick | done at once"));
}

TEST_F(Example, MigrateRunsItsInitContainerAndShipsTheWholeLog) {
  PodRun pod(root_, {example("migrate")});
  EXPECT_TRUE(pod.wait_for_err("init 1 of 2: migrate: exited with 0"));
  EXPECT_TRUE(pod.wait_for_out("app      | id,item"));
  EXPECT_TRUE(pod.wait_for_out("ship-log | order 1"));
  pod.signal(SIGINT);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_TRUE(pod.wait_for_out("ship-log | closed")) << pod.out();
}

TEST_F(Example, ShipLogShipsWhatItsServiceAndItsHooksWrite) {
  PodRun pod(root_, {example("ship-log")});
  EXPECT_TRUE(pod.wait_for_out("shipper | shipped: the service has started"));
  EXPECT_TRUE(pod.wait_for_out("shipper | shipped: order 2"));
  pod.signal(SIGINT);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_TRUE(pod.wait_for_out("shipper | shipped: closed")) << pod.out();
  EXPECT_TRUE(pod.wait_for_out("shipper | shipped: end of the log")) << pod.out();
  EXPECT_TRUE(holds(pod.err(), "shipper: exited with 0")) << pod.err();
}

TEST_F(Example, ProbesAreRestartedWhenTheyAreNotAliveAndDrainBeforeTheyEnd) {
  PodRun pod(root_, {example("probes")});
  ASSERT_TRUE(pod.wait_for_out("app | serving"));
  ASSERT_EQ(run(root_, {"exec", "probes/app", "--", "rm", "/srv/alive"}).status, 0);
  EXPECT_TRUE(pod.wait_for_out("app | serving", 2)) << pod.err();
  EXPECT_TRUE(holds(pod.out(), "app | ended")) << "it was sent its stop signal";
  const auto before = std::chrono::steady_clock::now();
  pod.signal(SIGINT);
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_GE(std::chrono::steady_clock::now() - before, std::chrono::seconds(2)) << "preStop";
  EXPECT_TRUE(pod.wait_for_out("app | ended", 2)) << pod.out();
}

TEST_F(Example, CrashloopRestartsAtOnceAndThenWaits) {
  PodRun pod(root_, {example("crashloop")});
  EXPECT_TRUE(pod.wait_for_out("crasher   | up since ", 2));
  EXPECT_TRUE(pod.wait_for_err("crasher   | cannot go on", 2));
  EXPECT_TRUE(pod.wait_for_err("crasher: exited with 1; back-off, restart 2 in 10s"));
  EXPECT_TRUE(pod.wait_for_out("neighbour | all is well"));
  expect_promised_namespaces("crashloop");
  interrupt(pod);
}

TEST_F(Example, NamespacesShowFiveCompositions) {
  const auto before = snapshot(root_);
  PodRun pod(root_, {example("namespaces")});
  for (const std::string name : {"plain", "hermit", "guest", "sibling", "native"})
    EXPECT_TRUE(pod.wait_for_out(name + std::string(8 - name.size(), ' ') + "| up for "));
  expect_promised_namespaces("namespaces");
  EXPECT_TRUE(holds(pod.out(), "native  | I am "));
  EXPECT_TRUE(matches(pod.out(), "hermit  \\| up for 3[0-9]{7} seconds")) << "a year ahead";
  interrupt(pod);
  std::filesystem::remove_all(root_.layout().logs());
  EXPECT_EQ(changes(before, snapshot(root_)), "");
}

TEST_F(Example, SharedPidShowsTheNeighboursProcesses) {
  PodRun pod(root_, {example("shared-pid")});
  EXPECT_TRUE(pod.wait_for_out("1 podrun-init; "));
  expect_promised_namespaces("shared-pid");
  interrupt(pod);
}

TEST_F(Example, HostToolsSeeThePodsNetworkAndTheHostsProcesses) {
  PodRun pod(root_, {example("host-tools")});
  EXPECT_TRUE(pod.wait_for_out("in the pod's network: 2 sockets; on the host: "));
  expect_promised_namespaces("host-tools");
  interrupt(pod);
}

TEST_F(Example, ConfigReadsItsFilesAndVariables) {
  PodRun pod(root_, {example("config")});
  EXPECT_TRUE(pod.wait_for_out("reader | Hello from a ConfigMap.\n"
                               "reader | I am config, my color is teal, my labels: app=\"config\"\n"
                               "reader | the password has 28 characters\n"));
  expect_promised_namespaces("config");
  interrupt(pod);
}

TEST_F(Example, TerminalRunsAnInteractiveShell) {
  ASSERT_EQ(run(root_, {"-d", example("terminal")}).status, 0);
  expect_promised_namespaces("terminal");
  PodRun shell(root_, {"attach", "-it", "terminal/shell"}, {.terminal = true});
  ASSERT_TRUE(shell.wait_for_out("# "));
  shell.type("exit\r");
  EXPECT_EQ(shell.wait_exit(), 0);
  EXPECT_EQ(run(root_, {"stop", "terminal"}).status, 0);
}

TEST_F(Example, NginxServesItsVisitor) {
  if (!std::filesystem::exists("/var/lib/podrun/rootfs/nginx"))
    GTEST_SKIP() << "scripts/make-rootfs /var/lib/podrun/rootfs/nginx nginx-light has not been run";
  PodRun pod(root_, {example("nginx")});
  EXPECT_TRUE(pod.wait_for_out("visitor | <title>Welcome to nginx"));
  expect_promised_namespaces("nginx");
  pod.signal(SIGINT);
  EXPECT_EQ(pod.wait_exit(), 0);
}

}  // namespace
}  // namespace podrun::test

// `tty`: a container whose standard streams are a terminal, and `podrun attach -it`.
#include <signal.h>

#include <fmt/format.h>

#include "supervisor/core/exit_status.hpp"
#include "tests/system/support/attached_pod.hpp"
#include "tests/system/support/supervisor_killer.hpp"

namespace podrun::test {
namespace {

class AttachTerminal : public AttachedPod {};

const std::string typed_at = "stdin: true\ntty: true";

TEST_F(AttachTerminal, TheTerminalIsTheContainersControllingTerminal) {
  const std::string script = "for fd in 0 1 2; do test -t $fd || echo $fd is none; done\n"
                             "tty; stat -c '%u %t' $(tty); echo $TERM; : > /dev/tty && echo controlling\n"
                             "ls /dev/pts\n";
  const std::string user = "\nsecurityContext: {runAsUser: 1000, runAsGroup: 1000}";
  PodRun pod(root_, {root_.write("pod.yaml", manifest("pod", {{"app", script, typed_at + user}}))});
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_EQ(logs(), "/dev/pts/0\r\n1000 88\r\nxterm\r\ncontrolling\r\n0     ptmx\r\n");
  EXPECT_TRUE(holds(pod.out(), "app | controlling\r\n"));
}

TEST_F(AttachTerminal, AShellCanBeUsedInteractively) {
  start(typed_at, "PS1='$ ' exec sh -i");
  Client client(root_, {"-it"}, true);
  ASSERT_TRUE(client->wait_for_out("$ "));
  EXPECT_FALSE(client->is_terminal_cooked());
  client->type("echo $((6*7))\r");
  ASSERT_TRUE(client->wait_for_out("\r\n42\r\n$ "));
  client->type("exit 3\r");
  EXPECT_EQ(client->wait_exit(), 0) << "the status is the pod's to tell";
  EXPECT_TRUE(client->is_terminal_cooked());
}

TEST_F(AttachTerminal, TheTerminalFollowsTheSizeOfTheUsers) {
  start(typed_at, "trap 'stty size' WINCH; printf 'ready '; while :; do read line; done");
  Client client(root_, {"-it"}, true);
  ASSERT_TRUE(client->wait_for_out("ready "));
  client->resize(50, 132);
  ASSERT_TRUE(client->wait_for_out("50 132\r\n"));
  client->resize(51, 133);
  ASSERT_TRUE(client->wait_for_out("51 133\r\n"));
  stop();
  EXPECT_EQ(client->wait_exit(), 0);
}

TEST_F(AttachTerminal, CtrlCReachesOnlyTheContainer) {
  start(typed_at, "trap 'echo caught' INT; printf 'ready '; while :; do sleep 100000 & wait; done");
  Client client(root_, {"-it"}, true);
  ASSERT_TRUE(client->wait_for_out("ready "));
  client->type("\x03");
  ASSERT_TRUE(client->wait_for_out("caught"));
  client->type("\x03");
  ASSERT_TRUE(client->wait_for_out("caught", 2)) << "the client lives on";
  stop();
  EXPECT_EQ(client->wait_exit(), 0);
}

TEST_F(AttachTerminal, KilledSupervisorsLoseNoOutput) {
  constexpr int lines = 300'000;
  start(typed_at, fmt::format("printf 'go? '; read go; seq 1 {}; read end", lines));
  Client client(root_, {"-it"}, true);
  ASSERT_TRUE(client->wait_for_out("go? "));
  client->type("\r");
  SupervisorKiller killer(processes_of(root_, "default_pod").pause);
  // Each supervisor lives long enough to adopt, and is killed during the output.
  for (int kill = 0; kill < 15; ++kill) EXPECT_TRUE(killer.kill_next(std::chrono::microseconds(20'000 + 700 * kill)));
  ASSERT_TRUE(client->wait_for_out(fmt::format("\r\n{}\r\n", lines)));
  client->type("\r");
  EXPECT_EQ(client->wait_exit(), 0);
  std::string all = "go? \r\n";
  for (int line = 1; line <= lines; ++line) all += fmt::format("{}\r\n", line);
  all += "\r\n";
  EXPECT_TRUE(logs() == all) << logs().size() << " bytes of " << all.size();
  EXPECT_TRUE(client->out() == all) << client->out().size() << " bytes of " << all.size();
}

TEST_F(AttachTerminal, OutputBeforeTheEndIsShownCompletely) {
  start(typed_at, "read go; seq 1 5000; exit 3");
  Client client(root_, {"-it"}, true);
  client->type("\r");
  EXPECT_EQ(client->wait_exit(), 0);
  EXPECT_TRUE(holds(client->out(), "\r\n4999\r\n5000\r\n"));
}

TEST_F(AttachTerminal, TheUsersTerminalIsRestoredAfterASignal) {
  start(typed_at, "echo ready; exec cat");
  for (const int signal : {SIGTERM, SIGHUP}) {
    Client client(root_, {"-it"}, true);
    client->type("x\r");
    ASSERT_TRUE(client->wait_for_out("x"));
    client->signal(signal);
    EXPECT_EQ(client->wait_exit(), 128 + signal);
    EXPECT_TRUE(client->is_terminal_cooked()) << signal;
  }
  stop();
}

// As below nohup(1).
TEST_F(AttachTerminal, AHangupIgnoredByTheCallerStaysIgnored) {
  start(typed_at, "read word; echo got $word; read word; echo got $word");
  Client client(root_, {"-it"}, true, [] { ::signal(SIGHUP, SIG_IGN); });
  client->type("one\r");
  ASSERT_TRUE(client->wait_for_out("got one"));
  client->signal(SIGHUP);
  client->type("two\r");
  EXPECT_TRUE(client->wait_for_out("got two"));
  EXPECT_EQ(client->wait_exit(), 0);
}

TEST_F(AttachTerminal, AContainerWithoutStdinCanOnlyBeWatched) {
  start("tty: true", "test -t 1 && echo terminal; printf 'nobody types: '; read line; echo read it");
  ASSERT_TRUE(wait_for_log("terminal\r\n"));
  Client typist(root_, {"-it"}, true);
  EXPECT_EQ(typist->wait_exit(), static_cast<int>(supervisor::ExitStatus::Invalid));
  Client onlooker(root_, {"-t"}, true);
  ASSERT_TRUE(onlooker->wait_for_out("nobody types: "));
  EXPECT_TRUE(onlooker->is_terminal_cooked());
  stop();
  EXPECT_EQ(onlooker->wait_exit(), 0);
  EXPECT_EQ(logs(), "terminal\r\nnobody types: ");
}

TEST_F(AttachTerminal, EachInstanceHasANewTerminal) {
  start(typed_at, "tty; read word; echo got $word; exit 1", "Always");
  for (const int instance : {0, 1}) {
    wait_for_state(root_, "default_pod", [&](const supervisor::PodRecord& state) {
      return state.status.containers[0].instance == instance &&
             state.status.containers[0].state == supervisor::ContainerState::Running;
    });
    Client client(root_, {"-it"}, true);
    client->type("it\r");
    EXPECT_EQ(client->wait_exit(), 0);
    EXPECT_TRUE(holds(client->out(), "got it\r\n"));
  }
  stop();
}

}  // namespace
}  // namespace podrun::test

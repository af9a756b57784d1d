// `podrun exec -it`: the terminal of the caller, and one in the container.
#include <signal.h>
#include <sys/wait.h>


#include <memory>

#include <fmt/format.h>

#include "tests/system/support/entered_pod.hpp"

namespace podrun::test {
namespace {

const Setting on_terminal{.terminal = true, .environment = {{"TERM", "vt220"}}};

class ExecTerminal : public EnteredPod {
 protected:
  /// A client whose command is the script TEXT.
  std::unique_ptr<PodRun> client(const std::string& text, const std::string& container = "two/a",
                                 const std::string& options = "-it") const {
    return std::make_unique<PodRun>(root_, script({options, container}, text), on_terminal);
  }
};

TEST_F(ExecTerminal, TheTerminalIsInTheContainerAndOwnedByItsUser) {
  const auto it = client("tty; stat -c '%u %t' $(tty); echo $TERM; : > /dev/tty && echo controlling", "two/b");
  EXPECT_EQ(it->wait_exit(), 0);
  EXPECT_EQ(it->out(), "/dev/pts/0\r\n1000 88\r\nvt220\r\ncontrolling\r\n");
}

TEST_F(ExecTerminal, TheTerminalIsResizedWithTheUsers) {
  const auto it = client("trap 'stty size; exit 0' WINCH; echo ready; sleep 100000 & wait");
  ASSERT_TRUE(it->wait_for_out("ready"));
  it->resize(50, 132);
  EXPECT_EQ(it->wait_exit(), 0);
  EXPECT_TRUE(holds(it->out(), "50 132\r\n"));
}

TEST_F(ExecTerminal, CtrlCSignalsTheCommand) {
  const auto it = client("trap 'echo caught; exit 7' INT; echo ready; sleep 100000 & wait");
  ASSERT_TRUE(it->wait_for_out("ready"));
  it->type("\x03");
  EXPECT_EQ(it->wait_exit(), 7);
  EXPECT_TRUE(holds(it->out(), "caught"));
}

TEST_F(ExecTerminal, ACommandEndedByCtrlCGivesStatus130) {
  const auto it = client("echo ready; exec sleep 100000");
  ASSERT_TRUE(it->wait_for_out("ready"));
  it->type("\x03");
  EXPECT_EQ(it->wait_exit(), 130);
}

TEST_F(ExecTerminal, AnInteractiveShellHasJobControl) {
  const auto it = client("echo \"trap 'echo back' CONT; echo running; sleep 100000 & wait; wait\" > /tmp/job\n"
                         "PS1='$ ' exec sh -i");
  ASSERT_TRUE(it->wait_for_out("$ "));
  it->type("sh /tmp/job\r");
  ASSERT_TRUE(it->wait_for_out("running"));
  it->type("\x1a");
  ASSERT_TRUE(it->wait_for_out("Stopped"));
  it->type("sleep 100001 &\rjobs | wc -l\r");
  ASSERT_TRUE(it->wait_for_out("\r\n2\r\n"));
  it->type("fg %1\r");
  ASSERT_TRUE(it->wait_for_out("back"));
  it->type("\x03");
  it->type("echo code $?\r");
  ASSERT_TRUE(it->wait_for_out("code 130"));
  it->type("exit 4\r");
  EXPECT_EQ(it->wait_exit(), 4);
}

TEST_F(ExecTerminal, APasswordIsNotEchoed) {
  const auto it = client("stty -echo; printf password:; read word; stty echo; echo; echo got $word");
  ASSERT_TRUE(it->wait_for_out("password:"));
  it->type("secret\r");
  EXPECT_EQ(it->wait_exit(), 0);
  EXPECT_EQ(it->out(), "password:\r\ngot secret\r\n");
}

TEST_F(ExecTerminal, OutputBeforeTheEndIsShownCompletely) {
  const auto it = client("seq 1 100000; exit 3");
  EXPECT_EQ(it->wait_exit(), 3);
  std::string all;
  for (int number = 1; number <= 100000; ++number) all += fmt::format("{}\r\n", number);
  EXPECT_TRUE(it->out() == all) << it->out().size() << " bytes of " << all.size() << ", the last: "
                                << it->out().substr(it->out().size() - std::min<std::size_t>(it->out().size(), 40));
}

TEST_F(ExecTerminal, TwoHundredKilobytesOfTypedInputArrive) {
  const auto it = client("stty raw -echo; echo ready; head -c 200000 | md5sum");
  ASSERT_TRUE(it->wait_for_out("ready"));
  const std::string block(1000, 'k');
  for (int written = 0; written < 200; ++written) it->type(block);
  EXPECT_EQ(it->wait_exit(), 0);
  EXPECT_TRUE(holds(it->out(), "d7d367235ba13fb4289cb6bd9c4f5c04"));
}

TEST_F(ExecTerminal, TheUsersTerminalIsRestoredAtTheEnd) {
  const auto ended = client("exit 0");
  EXPECT_EQ(ended->wait_exit(), 0);
  EXPECT_TRUE(ended->is_terminal_cooked());
  for (const int signal : {SIGTERM, SIGHUP, SIGINT, SIGQUIT}) {
    const auto it = client("echo ready; exec sleep 100000");
    ASSERT_TRUE(it->wait_for_out("ready"));
    EXPECT_FALSE(it->is_terminal_cooked());
    const pid_t command = command_of(*it);
    it->signal(signal);
    EXPECT_EQ(it->wait_exit(), 128 + signal);
    EXPECT_TRUE(it->is_terminal_cooked()) << signal;
    EXPECT_TRUE(wait_until_dead(command)) << "it hangs up";
  }
}

// As below nohup(1).
TEST_F(ExecTerminal, AHangupIgnoredByTheCallerStaysIgnored) {
  Setting setting = on_terminal;
  setting.before_exec = [] { ::signal(SIGHUP, SIG_IGN); };
  PodRun it(root_, script({"-it", "two/a"}, "echo ready; read word; echo got $word"), setting);
  ASSERT_TRUE(it.wait_for_out("ready"));
  it.signal(SIGHUP);
  it.type("it\r");
  EXPECT_TRUE(it.wait_for_out("got it"));
  EXPECT_EQ(it.wait_exit(), 0);
}

TEST_F(ExecTerminal, TheCommandIsHungUpWhenItsClientIsKilled) {
  const auto it = client("trap 'echo > /tmp/hung-up; exit' HUP; echo ready; sleep 100000 & wait");
  ASSERT_TRUE(it->wait_for_out("ready"));
  const pid_t command = command_of(*it);
  it->signal(SIGKILL);
  EXPECT_EQ(it->wait_exit(), 137);
  EXPECT_TRUE(wait_until_dead(command));
  EXPECT_EQ(exec({"two/a"}, "ls /tmp/hung-up").status, 0);
}

TEST_F(ExecTerminal, TheUsersTerminalIsRestoredWhileTheClientIsStopped) {
  const auto it = client("echo ready; read word; echo got $word");
  ASSERT_TRUE(it->wait_for_out("ready"));
  it->signal(SIGTSTP);
  siginfo_t stopped{};
  ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(it->pid()), &stopped, WSTOPPED), 0);
  EXPECT_TRUE(it->is_terminal_cooked());
  it->signal(SIGCONT);
  it->type("on\r");
  EXPECT_EQ(it->wait_exit(), 0);
  EXPECT_TRUE(holds(it->out(), "got on"));
}

TEST_F(ExecTerminal, WithoutInputTheUsersTerminalStaysCooked) {
  const auto it = client("test -t 1 && echo ready; sleep 100000", "two/a", "-t");
  ASSERT_TRUE(it->wait_for_out("ready"));
  EXPECT_TRUE(it->is_terminal_cooked());
  it->type("\x03");
  EXPECT_EQ(it->wait_exit(), 130);
}

}  // namespace
}  // namespace podrun::test

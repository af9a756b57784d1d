// Registered commands: the pause reaps them at once, and keeps their status until it is acknowledged.
#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <optional>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "namespaces/pause/pause_protocol.hpp"
#include "tests/namespaces/pause/gate.hpp"
#include "tests/namespaces/pause/pause_run.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// A supervisor leaves a child to the pause. It ends with 3 when it reads a word.
class RootPauseCommands : public testing::Test {
 protected:
  RootPauseCommands() {
    EXPECT_EQ(::mkfifo((directory_ / "go").c_str(), 0600), 0);
    go_ = Fd(::open((directory_ / "go").c_str(), O_RDWR | O_CLOEXEC));
    const std::string shell = directory_ / "shell";
    std::ofstream(shell) << fmt::format(
        "#!/bin/sh\nmkdir {0} 2> /dev/null && (sh -c 'echo $$ > {0}/pid; read word < {1}; exit 3' &)\neval \"$2\"\n",
        directory_ / "once", directory_ / "go");
    fs::permissions(shell, fs::perms::owner_all);
    run_.emplace(shell);
    run_->next_supervisor().die();
    supervisor_.emplace(run_->next_supervisor());
    EXPECT_TRUE(supervisor_->pause.list() && supervisor_->pause.adopted(0ms));
  }
  PauseClient& pause() { return supervisor_->pause; }

  /// The child that was left to the pause.
  Process command() const {
    for (;;) {
      pid_t pid = 0;
      std::ifstream(directory_ / "once/pid") >> pid;
      const std::vector<pid_t> children = children_of(run_->pid()).value();
      if (std::ranges::find(children, pid) != children.end()) return std::move(open_process(pid).value());
    }
  }
  Registration registration_of(const Process& command) const {
    return {.name = "app/cmd-1",
            .kind = ChildKind::Command,
            .pid = command.pid,
            .fds = {{Role::Process, command.pidfd.get()}}};
  }
  void end_command() { EXPECT_EQ(::write(go_.get(), "go\n", 3), 3); }
  std::vector<EndedCommand> wait_for_ended() {
    pollfd news{supervisor_->pause.fd(), POLLIN, 0};
    bool gone = false;
    while (::poll(&news, 1, 20'000) == 1 && !gone) {
      pause().receive_pending(gone);
      if (auto ended = pause().take_ended_commands(); !ended.empty()) return ended;
    }
    return {};
  }

  supervisor::TemporaryDirectory directory_;
  Fd go_;
  std::optional<PauseRun> run_;
  std::optional<FakeSupervisor> supervisor_;
};

TEST_F(RootPauseCommands, ACommandIsReapedAtOnceAndItsStatusIsReported) {
  const Process process = command();
  ASSERT_TRUE(pause().register_child(registration_of(process)));
  EXPECT_FALSE(pause().list().value().commands.at(0).status);
  end_command();
  const auto ended = wait_for_ended();
  ASSERT_EQ(ended.size(), 1U);
  EXPECT_EQ(ended[0].name, "app/cmd-1");
  EXPECT_EQ(WEXITSTATUS(ended[0].status), 3);
  EXPECT_FALSE(open_process(process.pid)) << "its zombie is gone";
  EXPECT_EQ(WEXITSTATUS(pause().list().value().commands.at(0).status.value()), 3);
  ASSERT_TRUE(pause().acknowledge("app/cmd-1"));
  EXPECT_TRUE(pause().list().value().commands.empty());
}

TEST_F(RootPauseCommands, TheStatusOfACommandIsKeptForTheNextSupervisorUntilItIsAcknowledged) {
  const Process process = command();
  ASSERT_TRUE(pause().register_child(registration_of(process)));
  supervisor_->die();
  end_command();
  supervisor_.emplace(run_->next_supervisor());
  pollfd ended{process.pidfd.get(), POLLIN, 0};
  ASSERT_EQ(::poll(&ended, 1, 20'000), 1);
  std::optional<int> status;
  while (!status) status = pause().list().value().commands.at(0).status;
  EXPECT_EQ(WEXITSTATUS(*status), 3);
  ASSERT_TRUE(pause().acknowledge("app/cmd-1"));
  EXPECT_TRUE(pause().list().value().commands.empty());
}

TEST_F(RootPauseCommands, ACommandThatEndsBeforeTheAdoptionIsReportedOnceAfterIt) {
  const Process process = command();
  ASSERT_TRUE(pause().register_child(registration_of(process)));
  supervisor_->die();
  supervisor_.emplace(run_->next_supervisor());
  ASSERT_EQ(pause().list().value().commands.size(), 1U);
  end_command();
  while (open_process(process.pid)) {}  // the pause has reaped it
  ASSERT_TRUE(pause().adopted(0ms));
  EXPECT_EQ(wait_for_ended().size(), 1U);
  ASSERT_TRUE(pause().adopted(0ms) && pause().list());
  EXPECT_TRUE(pause().take_ended_commands().empty());
}

TEST_F(RootPauseCommands, AnUnacknowledgedCommandKeepsItsName) {
  const Process process = command();
  ASSERT_TRUE(pause().register_child(registration_of(process)));
  end_command();
  ASSERT_EQ(wait_for_ended().size(), 1U);
  Registration second = registration_of(run_->process());
  Gate gate;
  second.gate = gate.supervisors_end();
  ASSERT_TRUE(pause().register_child(second));
  EXPECT_EQ(gate.outcome(), "closed");
  const auto refusal = wait_for_refusal(pause(), run_->pid());
  EXPECT_EQ(refusal ? refusal->number : 0, EEXIST);
}

// The pid of a command that was reaped may be that of a container by now.
TEST_F(RootPauseCommands, AReapedCommandAndAContainerMayHaveTheSamePid) {
  const Process process = command();
  ASSERT_TRUE(pause().register_child(registration_of(process)));
  end_command();
  ASSERT_EQ(wait_for_ended().size(), 1U);
  ASSERT_TRUE(pause().register_child(registration("app", 2, process.pid, {run_->process().pidfd.get()})));
  const Holdings holdings = pause().list().value();
  EXPECT_EQ(names_of(holdings.children), std::vector<std::string>{"app"});
  EXPECT_EQ(names_of(holdings.commands), std::vector<std::string>{"app/cmd-1"});
}

}  // namespace
}  // namespace podrun::ns

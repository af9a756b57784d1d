// A supervisor that does not answer the pause is killed and replaced.
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "tests/namespaces/pause/pause_run.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

TEST(RootPause, ASupervisorThatDoesNotAnswerToAStopIsKilled) {
  PauseRun run;
  FakeSupervisor first = run.next_supervisor();
  ASSERT_TRUE(first.pause.adopted(50ms));
  ASSERT_TRUE(send_signal(run.process(), SIGTERM));
  FakeSupervisor second = run.next_supervisor();
  const Holdings holdings = second.pause.list().value();
  EXPECT_EQ(holdings.stops, 1) << "the stop waits for its successor";
  EXPECT_TRUE(holdings.previous_hung);
  EXPECT_EQ(holdings.previous_exit, SIGKILL);
}

TEST(RootPause, ASupervisorStoppedBySigstopIsKilled) {
  PauseRun run;
  FakeSupervisor first = run.next_supervisor();
  ASSERT_TRUE(first.pause.adopted(50ms));
  ASSERT_TRUE(first.pause.list()) << "so that it has heard it";
  ASSERT_TRUE(send_signal(first.process, SIGSTOP));
  FakeSupervisor second = run.next_supervisor();
  EXPECT_TRUE(second.pause.list().value().previous_hung);
}

TEST(RootPause, ASupervisorThatIgnoresAChildsExitIsReplaced) {
  PauseRun run;
  FakeSupervisor first = run.next_supervisor();
  ASSERT_TRUE(first.pause.adopted(50ms));
  // Any process serves as the child.
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  const auto process = open_process(child);
  ASSERT_TRUE(process && first.pause.register_child(registration("app", 0, child, {process->pidfd.get()})));
  FakeSupervisor second = run.next_supervisor();
  const Holdings holdings = second.pause.list().value();
  EXPECT_EQ(names_of(holdings.children), std::vector<std::string>{"app"});
  EXPECT_TRUE(holdings.previous_hung);
  EXPECT_EQ(holdings.previous_exit, SIGKILL);
  (void)wait_for(*process);
}

TEST(RootSlowPause, ASupervisorThatIsBusyForEverIsKilled) {
  const supervisor::TemporaryDirectory directory;
  const std::string shell = directory / "busy";
  std::ofstream(shell) << "#!/bin/sh\neval \"${2%%;*}\"\nwhile :; do :; done\n";
  fs::permissions(shell, fs::perms::owner_all);
  PauseRun run(shell);
  run.next_supervisor().die();
  FakeSupervisor busy = run.next_supervisor();
  ASSERT_TRUE(busy.pause.adopted(50ms));
  EXPECT_TRUE(run.next_supervisor().pause.list().value().previous_hung);
}

TEST(RootPause, ASupervisorThatAnswersIsLeftAlone) {
  PauseRun run;
  FakeSupervisor supervisor = run.next_supervisor();
  ASSERT_TRUE(supervisor.pause.adopted(300ms));
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) ASSERT_TRUE(send_signal(run.process(), signal));
  pollfd news[2] = {{supervisor.process.pidfd.get(), POLLIN, 0}, {supervisor.pause.fd(), POLLIN, 0}};
  bool gone = false;
  while (::poll(news, 2, 400) > 0 && news[0].revents == 0) EXPECT_LE(supervisor.pause.receive_pending(gone), 3);
  EXPECT_EQ(news[0].revents, 0) << "it was killed";
  EXPECT_EQ(supervisor.pause.receive_pending(gone), 3);
}

TEST(RootPause, ALeavingOrUnwatchedSupervisorIsNotKilled) {
  for (const bool leaves : {true, false}) {
    PauseRun run;
    FakeSupervisor supervisor = run.next_supervisor();
    ASSERT_TRUE(supervisor.pause.adopted(leaves ? 20ms : 0ms));
    if (leaves) {
      ASSERT_TRUE(supervisor.pause.leaving());
    }
    ASSERT_TRUE(supervisor.pause.list());
    ASSERT_TRUE(send_signal(run.process(), SIGTERM));
    pollfd ended{supervisor.process.pidfd.get(), POLLIN, 0};
    EXPECT_EQ(::poll(&ended, 1, 100), 0);
  }
}

}  // namespace
}  // namespace podrun::ns

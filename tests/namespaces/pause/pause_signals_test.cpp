// Signals to the pause, and its end.
#include <poll.h>
#include <signal.h>

#include <gtest/gtest.h>

#include "tests/namespaces/pause/pause_run.hpp"

namespace podrun::ns {
namespace {

TEST(RootPause, ThePauseTellsItsSupervisorOfEachStop) {
  PauseRun run;
  FakeSupervisor supervisor = run.next_supervisor();
  int stops = 0;
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    ASSERT_TRUE(send_signal(run.process(), signal));
    pollfd news{supervisor.pause.fd(), POLLIN, 0};
    ASSERT_EQ(::poll(&news, 1, 10'000), 1);
    bool gone = false;
    EXPECT_EQ(supervisor.pause.receive_pending(gone), ++stops);
    EXPECT_FALSE(gone);
  }
}

TEST(RootPause, AStopWithoutASupervisorIsReportedToTheNextOne) {
  PauseRun run;
  FakeSupervisor first = run.next_supervisor();
  ASSERT_TRUE(send_signal(run.process(), SIGSTOP));
  first.die();
  ASSERT_TRUE(send_signal(run.process(), SIGTERM));
  ASSERT_TRUE(send_signal(run.process(), SIGINT));
  ASSERT_TRUE(send_signal(run.process(), SIGCONT));
  FakeSupervisor second = run.next_supervisor();
  EXPECT_EQ(second.pause.list().value().stops, 2);
}

TEST(RootPause, OtherSignalsNeitherStopNorEndThePause) {
  PauseRun run;
  FakeSupervisor supervisor = run.next_supervisor();
  ASSERT_TRUE(supervisor.pause.list()) << "so that it has its signals in hand";
  for (const int signal : {SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGCHLD, SIGSEGV})
    ASSERT_TRUE(send_signal(run.process(), signal));
  const auto holdings = supervisor.pause.list();
  ASSERT_TRUE(holdings) << holdings.error().message;
  EXPECT_EQ(holdings->stops, 0);
}

TEST(RootPause, QuitWaitsForTheSupervisorsEnd) {
  PauseRun run;
  FakeSupervisor supervisor = run.next_supervisor();
  ASSERT_TRUE(supervisor.pause.quit(5));
  pollfd ended{run.process().pidfd.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&ended, 1, 100), 0);
  supervisor.die();
  EXPECT_EQ(run.wait_exit(), 5);
}

}  // namespace
}  // namespace podrun::ns

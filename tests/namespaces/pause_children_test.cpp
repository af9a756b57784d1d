// The pause and its children: when it asks.
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>

#include <gtest/gtest.h>

#include "tests/namespaces/pause_run.hpp"

namespace podrun::ns {
namespace {

using namespace std::chrono_literals;

bool is_readable(int fd) {
  pollfd news{fd, POLLIN, 0};
  return ::poll(&news, 1, 20'000) == 1;
}

// ---- what came before it could ask ----

TEST(RootPauseQuestions, AStopBeforeTheAdoptionIsAskedAboutAfterIt) {
  PauseRun run;
  Puppet first = run.next_supervisor();
  ASSERT_TRUE(send_signal(run.process(), SIGTERM));
  ASSERT_TRUE(is_readable(first.pause.fd())) << "it tells of it";
  ASSERT_TRUE(first.pause.adopted(50ms));
  EXPECT_TRUE(run.next_supervisor().pause.list().value().former_hung);
}

TEST(RootPauseQuestions, AnEndBeforeTheAdoptionIsAskedAboutAfterIt) {
  PauseRun run;
  Puppet first = run.next_supervisor();
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  const auto process = open_process(child);
  ASSERT_TRUE(process && first.pause.register_child("app", 0, child, {process->pidfd.get()}));
  ASSERT_TRUE(first.pause.list() && first.pause.list()) << "it has seen the end meanwhile";
  ASSERT_TRUE(first.pause.adopted(50ms));
  EXPECT_TRUE(run.next_supervisor().pause.list().value().former_hung);
  (void)wait_for(*process);
}

}  // namespace
}  // namespace podrun::ns

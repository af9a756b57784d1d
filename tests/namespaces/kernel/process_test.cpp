// Processes by pid and pidfd.
#include "namespaces/kernel/process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <functional>

#include <gtest/gtest.h>

#include "namespaces/kernel/child_task.hpp"

namespace podrun::ns {
namespace {

int wait_for_a_signal() {
  ::pause();
  return 0;
}

std::function<int()> exit_with(int code) {
  return [code] { return code; };
}

Process start(const std::function<int()>& work) {
  auto process = run_in_child(work);
  EXPECT_TRUE(process) << process.error().message;
  return std::move(*process);
}

void wait_until_it_is_a_zombie(const Process& process) {
  pollfd ended{process.pidfd.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&ended, 1, 10'000), 1);
}

TEST(Process, ALivingProcessHasNoExitStatus) {
  const Process process = start(wait_for_a_signal);
  const auto exit = peek_exit(process.pid);
  ASSERT_TRUE(exit);
  EXPECT_FALSE(exit->has_value());
  EXPECT_TRUE(send_signal(process, SIGKILL));
  EXPECT_EQ(exit_code_of(wait_for(process).value()), 128 + SIGKILL);
}

TEST(Process, PeekingAtAnExitLeavesTheZombie) {
  const Process process = start(exit_with(42));
  wait_until_it_is_a_zombie(process);
  for (int time = 0; time < 2; ++time) EXPECT_EQ(exit_code_of(peek_exit(process.pid).value().value()), 42);
  EXPECT_EQ(exit_code_of(wait_for(process).value()), 42);
  EXPECT_FALSE(peek_exit(process.pid));
}

TEST(Process, AKilledProcessHasExitCode128PlusTheSignal) {
  const Process process = start(wait_for_a_signal);
  EXPECT_TRUE(send_signal(process, SIGTERM));
  wait_until_it_is_a_zombie(process);
  EXPECT_EQ(exit_code_of(peek_exit(process.pid).value().value()), 128 + SIGTERM);
  EXPECT_TRUE(wait_for(process));
}

TEST(Process, ChildrenAreListedDeadOrAlive) {
  const Process dead = start(exit_with(0)), living = start(wait_for_a_signal);
  wait_until_it_is_a_zombie(dead);
  auto children = children_of(::getpid()).value();
  std::ranges::sort(children);
  EXPECT_EQ(children, (std::vector<pid_t>{std::min(dead.pid, living.pid), std::max(dead.pid, living.pid)}));
  EXPECT_TRUE(children_of(living.pid).value().empty());
  EXPECT_TRUE(send_signal(living, SIGKILL));
  EXPECT_TRUE(wait_for(dead));
  EXPECT_TRUE(wait_for(living));
}

TEST(Process, AnEndedProcessStaysAsAZombie) {
  const Process process = start(wait_for_a_signal);
  ASSERT_TRUE(end(process, std::chrono::seconds(10)));
  EXPECT_EQ(exit_code_of(peek_exit(process.pid).value().value()), 128 + SIGKILL);
  EXPECT_TRUE(end(process, std::chrono::seconds(10))) << "once more";
  EXPECT_TRUE(wait_for(process));
}

TEST(Process, ASignalToAProcessThatHasEndedIsNoError) {
  const Process process = start(exit_with(0));
  wait_until_it_is_a_zombie(process);
  EXPECT_TRUE(send_signal(process, SIGTERM));
  EXPECT_TRUE(wait_for(process));
  EXPECT_TRUE(send_signal(process, SIGTERM));
}

TEST(Process, AProcessNameCannotForgeTheFieldsOfProcStat) {
  const auto ticks = start_ticks(::getpid());
  ASSERT_TRUE(ticks);
  char former[16];
  ::prctl(PR_GET_NAME, former);
  ::prctl(PR_SET_NAME, ") Z 1 (x) 2");
  EXPECT_EQ(start_ticks(::getpid()).value(), *ticks);
  EXPECT_FALSE(peek_exit(::getpid()).value().has_value());
  ::prctl(PR_SET_NAME, former);
}

TEST(Process, AReapedProcessCannotBeOpened) {
  const Process process = start(exit_with(0));
  EXPECT_TRUE(wait_for(process));
  const auto opened = open_process(process.pid);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().number, ESRCH);
  EXPECT_FALSE(start_ticks(process.pid));
}

TEST(Process, AHelperDoesNotInheritItsParentsBlockedSignals) {
  sigset_t all, before;
  ::sigfillset(&all);
  ::sigprocmask(SIG_SETMASK, &all, &before);
  const Process process = start(wait_for_a_signal);
  ::sigprocmask(SIG_SETMASK, &before, nullptr);
  EXPECT_TRUE(send_signal(process, SIGTERM));
  EXPECT_EQ(exit_code_of(wait_for(process).value()), 128 + SIGTERM);
}

TEST(Process, AHelperDiesWithItsParent) {
  int ends[2];
  ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
  const pid_t parent = ::fork();
  if (parent == 0) {
    ::close(ends[0]);
    (void)!::write(ends[1], "", run_in_child(wait_for_a_signal) ? 1 : 0);
    ::raise(SIGKILL);
  }
  ::close(ends[1]);
  ASSERT_EQ(::waitpid(parent, nullptr, 0), parent);
  char begun = 0;
  EXPECT_EQ(::read(ends[0], &begun, 1), 1);
  pollfd end{ends[0], POLLIN, 0};
  EXPECT_EQ(::poll(&end, 1, 10'000), 1) << "it holds the pipe's other end";
  EXPECT_EQ(::read(ends[0], &begun, 1), 0);
  ::close(ends[0]);
}

TEST(Process, AnIgnoredSignalIsReportedAsIgnored) {
  const auto former = ::signal(SIGHUP, SIG_DFL);  // it is ignored below nohup(1)
  EXPECT_FALSE(ignores(SIGHUP));
  ::signal(SIGHUP, SIG_IGN);
  EXPECT_TRUE(ignores(SIGHUP));
  ::signal(SIGHUP, former);
}

}  // namespace
}  // namespace podrun::ns

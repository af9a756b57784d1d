// The supervisors that the pause starts: their environment, the delay, and what each learns of its predecessor.
#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "namespaces/kernel/namespace_kinds.hpp"
#include "namespaces/pause/pause_protocol.hpp"
#include "tests/namespaces/pause/pause_run.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using pod::NamespaceKind;
using Clock = std::chrono::steady_clock;

std::string proc(pid_t pid, const std::string& name) {
  return fmt::format("/proc/{}/{}", pid, name);
}

TEST(RootPause, ALaterSupervisorStartsInTheHostsNamespaces) {
  PauseRun run;
  {
    FakeSupervisor first = run.next_supervisor();
    const pod::sandbox::Unshare unshare{
        {NamespaceKind::Mnt, NamespaceKind::Net, NamespaceKind::Ipc, NamespaceKind::Uts}};
    ASSERT_TRUE(first.pause.perform({unshare, pod::sandbox::Root{}}, 0, -1));
    ASSERT_TRUE(first.pause.adopted(0ms));
    first.die();
  }
  FakeSupervisor second = run.next_supervisor();
  const pid_t pid = second.process.pid;
  EXPECT_EQ(namespaces_of(pid).value(), namespaces_of(::getpid()).value());
  EXPECT_EQ(fs::read_symlink(proc(pid, "root")), "/");
  EXPECT_EQ(fs::read_symlink(proc(pid, "cwd")), "/");
  EXPECT_EQ(::getsid(pid), pid) << "a session of its own: one Ctrl-C arrives once, at the pause";
  // While a program is being loaded, the loader and the runtime of a sanitizer have other descriptors open.
  const auto sleeps = [&] {
    return supervisor::contents_of(proc(pid, "stat")).find(" (sleep) S ") != std::string::npos;
  };
  for (const auto deadline = Clock::now() + 20s; !sleeps();) ASSERT_LT(Clock::now(), deadline);
  int descriptors = 0;
  for (const auto& entry : fs::directory_iterator(proc(pid, "fd")))
    descriptors += std::stoi(entry.path().filename()) > 2 ? 1 : 0;
  EXPECT_EQ(descriptors, 1) << "the socket and nothing else: the lock is the pause's";
}

TEST(RootPause, TheRestartDelayDoublesUntilASupervisorAdopts) {
  PauseRun run;
  FakeSupervisor supervisor = run.next_supervisor();
  for (const auto delay : {100ms, 200ms, 400ms}) {
    const auto death = Clock::now();
    supervisor.die();
    supervisor = run.next_supervisor();
    EXPECT_GE(Clock::now() - death, delay);
  }
  ASSERT_TRUE(supervisor.pause.adopted(0ms));
  const auto death = Clock::now();
  supervisor.die();
  supervisor = run.next_supervisor();
  EXPECT_LT(Clock::now() - death, 800ms) << "one that had adopted is replaced at once";
  ASSERT_TRUE(supervisor.pause.list());
}

TEST(RootPause, ASupervisorIsStartedEvenIfItsPathIsGone) {
  const supervisor::TemporaryDirectory directory;
  const std::string shell = directory / "shell";
  fs::copy_file("/bin/sh", shell);
  PauseRun run(shell);
  FakeSupervisor first = run.next_supervisor();
  const Fd program(::open(shell.c_str(), O_PATH | O_CLOEXEC));
  ASSERT_TRUE(first.pause.hold(pause::program_hold, {program.get()}));
  ASSERT_TRUE(first.pause.adopted(0ms));
  ASSERT_TRUE(fs::remove(shell));
  first.die();
  EXPECT_TRUE(run.next_supervisor().pause.list());
}

TEST(RootPause, ThePauseHoldsThePodsLockUntilItsEnd) {
  PauseRun run;
  const Fd lock(::open(run.lock_path().c_str(), O_RDWR | O_CLOEXEC));
  FakeSupervisor supervisor = run.next_supervisor();
  EXPECT_LT(::flock(lock.get(), LOCK_EX | LOCK_NB), 0);
  ASSERT_TRUE(supervisor.pause.quit(0));
  supervisor.die();
  EXPECT_EQ(run.wait_exit(), 0);
  EXPECT_EQ(::flock(lock.get(), LOCK_EX | LOCK_NB), 0);
}

TEST(RootPause, TheNextSupervisorLearnsHowTheFormerOneEnded) {
  PauseRun run;
  FakeSupervisor first = run.next_supervisor();
  EXPECT_FALSE(first.pause.list().value().previous_exit);
  first.die();
  FakeSupervisor second = run.next_supervisor();
  const Holdings holdings = second.pause.list().value();
  EXPECT_EQ(holdings.previous_exit, SIGKILL);
  EXPECT_FALSE(holdings.previous_hung);
}

}  // namespace
}  // namespace podrun::ns

// The pause alone, driven over its socket: it must do its few things right for as long as a pod lives,
// whatever its supervisors do.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>

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

struct Pipe {
  Pipe() {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    out = Fd(ends[0]), in = Fd(ends[1]);
  }
  /// Whether no descriptor of the write end is left; waits a moment for the last one to go.
  bool is_hung_up() const {
    pollfd state{out.get(), POLLIN, 0};
    return ::poll(&state, 1, 5'000) == 1 && state.revents & POLLHUP;
  }
  Fd out, in;
};

std::vector<std::string> names_of(const std::vector<KeptItem>& items) {
  std::vector<std::string> names;
  for (const KeptItem& item : items) names.push_back(item.name);
  return names;
}

// ---- what it keeps ----

TEST(RootPause, AHeldDescriptorOutlivesItsSupervisor) {
  PauseRun run;
  Pipe pipe;
  {
    FakeSupervisor first = run.next_supervisor();
    ASSERT_TRUE(first.pause.hold("control", {pipe.in.get()}));
    ASSERT_TRUE(first.pause.hold("other", {pipe.out.get(), pipe.out.get()}));
    ASSERT_TRUE(first.pause.adopted(0ms));
    first.die();
  }
  FakeSupervisor second = run.next_supervisor();
  Holdings holdings = second.pause.list().value();
  EXPECT_EQ(names_of(holdings.holds), (std::vector<std::string>{"control", "other"}));
  EXPECT_EQ(holdings.holds[1].fds.size(), 2U);
  ASSERT_EQ(holdings.holds[0].fds.size(), 1U);
  EXPECT_EQ(::write(holdings.holds[0].fds[0].get(), "x", 1), 1);
  char byte = 0;
  EXPECT_EQ(::read(pipe.out.get(), &byte, 1), 1);
}

TEST(RootPause, DescriptorsGivenAtTheStartOutliveASilentSupervisor) {
  Pipe pipe;
  std::vector<NamedFd> holds;
  holds.push_back({"ready", std::move(pipe.in)});
  PauseRun run("/bin/sh", std::move(holds));
  run.next_supervisor().die();
  FakeSupervisor second = run.next_supervisor();
  EXPECT_EQ(names_of(second.pause.list().value().holds), std::vector<std::string>{"ready"});
  ASSERT_TRUE(second.pause.release("ready"));
  EXPECT_TRUE(pipe.is_hung_up()) << "nobody else has a copy";
}

TEST(RootPause, AReleasedOrReplacedDescriptorIsClosed) {
  PauseRun run;
  FakeSupervisor supervisor = run.next_supervisor();
  Pipe replaced, released;
  ASSERT_TRUE(supervisor.pause.hold("a", {replaced.in.get()}));
  ASSERT_TRUE(supervisor.pause.hold("a", {released.in.get()}));
  replaced.in.reset();
  EXPECT_TRUE(replaced.is_hung_up());
  EXPECT_EQ(supervisor.pause.list().value().holds.size(), 1U);
  ASSERT_TRUE(supervisor.pause.release("a"));
  released.in.reset();
  EXPECT_TRUE(released.is_hung_up());
  EXPECT_TRUE(supervisor.pause.list().value().holds.empty());
}

// Its log has been rotated: whether the supervisor dies before the message or after, the next one finds one set.
TEST(RootPause, AChildThatIsRegisteredAgainHasItsNewDescriptors) {
  PauseRun run;
  FakeSupervisor supervisor = run.next_supervisor();
  Pipe former, present;
  ASSERT_TRUE(supervisor.pause.register_child("app", 3, run.process().pid, {former.in.get()}));
  ASSERT_TRUE(supervisor.pause.register_child("app", 3, run.process().pid, {present.in.get(), present.out.get()}));
  former.in.reset();
  EXPECT_TRUE(former.is_hung_up());
  const Holdings holdings = supervisor.pause.list().value();
  ASSERT_EQ(holdings.children.size(), 1U);
  EXPECT_EQ(holdings.children[0].instance, 3);
  EXPECT_EQ(holdings.children[0].fds.size(), 2U);
}

TEST(RootPause, MessagesOfADeadSupervisorAreStillProcessed) {
  PauseRun run;
  Pipe pipe;
  {
    FakeSupervisor first = run.next_supervisor();
    ASSERT_TRUE(send_signal(run.process(), SIGSTOP));
    ASSERT_TRUE(first.pause.hold("late", {pipe.in.get()}));
    ASSERT_TRUE(first.pause.adopted(0ms));
    first.die();
    ASSERT_TRUE(send_signal(run.process(), SIGCONT));
  }
  FakeSupervisor second = run.next_supervisor();
  EXPECT_EQ(names_of(second.pause.list().value().holds), std::vector<std::string>{"late"});
}

TEST(RootPause, ThePauseReportsItsProtocolVersion) {
  PauseRun run;
  EXPECT_EQ(run.next_supervisor().pause.list().value().version, pause::protocol_version);
}

// ---- its supervisors ----

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
  // While a program is being loaded, whoever loads it (and a sanitizer's runtime) has others open.
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

// ---- one that hangs ----

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
  // The end of any process will do.
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  const auto process = open_process(child);
  ASSERT_TRUE(process && first.pause.register_child("app", 0, child, {process->pidfd.get()}));
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

// ---- signals, and the end ----

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
  for (const int signal :
       {SIGTSTP, SIGTTIN, SIGTTOU, SIGPIPE, SIGQUIT, SIGUSR1, SIGUSR2, SIGALRM, SIGCHLD, SIGSEGV})
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

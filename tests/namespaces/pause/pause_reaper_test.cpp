// The pause and its children: the signals that it sends them, its reports of unknown children, and the questions with
// which it finds out whether a supervisor hangs.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <utility>

#include <gtest/gtest.h>

#include "namespaces/pause/pause_protocol.hpp"
#include "namespaces/pause/transport.hpp"
#include "tests/namespaces/pause/pause_run.hpp"

namespace podrun::ns {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

bool is_readable(int fd) {
  pollfd news{fd, POLLIN, 0};
  return ::poll(&news, 1, 20'000) == 1;
}

/// A process that writes a byte for each SIGTERM that it gets.
class Counter {
 public:
  Counter() {
    int ends[2];
    EXPECT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    out_ = Fd(ends[0]);
    const Fd in(ends[1]);
    sigset_t term, former;
    ::sigemptyset(&term);
    ::sigaddset(&term, SIGTERM);
    ::sigprocmask(SIG_BLOCK, &term, &former);
    const pid_t pid = ::fork();
    for (int got = 0; pid == 0 && ::sigwait(&term, &got) == 0;) (void)!::write(in.get(), "T", 1);
    ::sigprocmask(SIG_SETMASK, &former, nullptr);
    if (auto process = open_process(pid)) process_ = std::move(*process);
  }
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;
  ~Counter() {
    (void)send_signal(process_, SIGKILL);
    (void)wait_for(process_);
  }

  const Process& process() const { return process_; }
  /// The number of signals so far. Waits for the first.
  ssize_t terms() const {
    char bytes[16];
    return is_readable(out_.get()) ? ::read(out_.get(), bytes, sizeof bytes) : 0;
  }

 private:
  Process process_;
  Fd out_;
};

TEST(RootPauseSignals, ASentSignalIsOnRecordUntilTheChildIsReaped) {
  PauseRun run;
  const Counter child;
  const int pidfd = child.process().pidfd.get();
  FakeSupervisor first = run.next_supervisor();
  ASSERT_TRUE(first.pause.list() && first.pause.register_child(registration("app", 3, child.process().pid, {pidfd})));
  EXPECT_EQ(first.pause.list().value().children.at(0).signalled, 0);
  ASSERT_TRUE(first.pause.signal(child.process(), SIGTERM));
  EXPECT_EQ(child.terms(), 1);
  // As after a rotation of its log.
  ASSERT_TRUE(first.pause.register_child(registration("app", 3, child.process().pid, {pidfd, pidfd})));
  ASSERT_TRUE(first.pause.adopted(0ms));
  first.die();
  FakeSupervisor second = run.next_supervisor();
  EXPECT_EQ(second.pause.list().value().children.at(0).signalled, SIGTERM);
  ASSERT_TRUE(second.pause.reap(child.process().pid) &&
              second.pause.register_child(registration("app", 4, child.process().pid, {pidfd})));
  EXPECT_EQ(second.pause.list().value().children.at(0).signalled, 0);
}

TEST(RootPauseSignals, SignalsOfADeadSupervisorAreSentBeforeTheNextOneAsks) {
  PauseRun run;
  const Counter child;
  FakeSupervisor first = run.next_supervisor();
  ASSERT_TRUE(first.pause.list() &&
              first.pause.register_child(registration("app", 0, child.process().pid, {child.process().pidfd.get()})));
  ASSERT_TRUE(send_signal(run.process(), SIGSTOP));
  ASSERT_TRUE(first.pause.signal(child.process(), SIGTERM));
  first.die();
  ASSERT_TRUE(send_signal(run.process(), SIGCONT));
  EXPECT_EQ(run.next_supervisor().pause.list().value().children.at(0).signalled, SIGTERM);
  EXPECT_EQ(child.terms(), 1);
}

TEST(RootPauseSignals, AHangupIgnoredFromTheStartIsNoStop) {
  const auto former = ::signal(SIGHUP, SIG_IGN);
  PauseRun run;
  ::signal(SIGHUP, former);
  FakeSupervisor supervisor = run.next_supervisor();
  ASSERT_TRUE(supervisor.pause.list()) << "it has its signals in hand";
  ASSERT_TRUE(send_signal(run.process(), SIGHUP) && send_signal(run.process(), SIGTERM));
  bool gone = false;
  ASSERT_TRUE(is_readable(supervisor.pause.fd()));
  EXPECT_EQ(supervisor.pause.receive_pending(gone), 1);
  EXPECT_EQ(supervisor.pause.list().value().stops, 1);
}

// As after an upgrade of podrun: such a pause keeps no record of sent signals, so a supervisor sends them itself.
TEST(PauseClient, TheClientSendsSignalsItselfIfThePauseIsOlder) {
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
  const Fd older(pair[0]);
  PauseClient client{Fd(pair[1])};
  const Counter child;
  ASSERT_TRUE(
      pause::send_message(older.get(), {.op = pause::Op::End, .version = pause::version_with_signals - 1}, nullptr, 0));
  ASSERT_TRUE(client.list() && client.signal(child.process(), SIGTERM));
  EXPECT_EQ(child.terms(), 1);
  pause::Message message{};
  int fds[pause::max_descriptors];
  unsigned count = 0;
  ASSERT_TRUE(pause::receive_message(older.get(), message, fds, count, MSG_DONTWAIT));
  EXPECT_EQ(message.op, pause::Op::List);
  EXPECT_FALSE(pause::receive_message(older.get(), message, fds, count, MSG_DONTWAIT))
      << "nothing that it does not know";
}

// ---- events before the first question ----

TEST(RootPauseWatchdog, ASupervisorThatIgnoresAStopFromBeforeItsAdoptionIsKilled) {
  PauseRun run;
  FakeSupervisor first = run.next_supervisor();
  ASSERT_TRUE(send_signal(run.process(), SIGTERM));
  ASSERT_TRUE(is_readable(first.pause.fd())) << "it tells of it";
  ASSERT_TRUE(first.pause.adopted(50ms));
  EXPECT_TRUE(run.next_supervisor().pause.list().value().previous_hung);
}

TEST(RootPauseWatchdog, ASupervisorThatIgnoresAnExitFromBeforeItsAdoptionIsKilled) {
  PauseRun run;
  FakeSupervisor first = run.next_supervisor();
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  const auto process = open_process(child);
  ASSERT_TRUE(process && first.pause.register_child(registration("app", 0, child, {process->pidfd.get()})));
  ASSERT_TRUE(first.pause.list() && first.pause.list()) << "it has seen the end meanwhile";
  ASSERT_TRUE(first.pause.adopted(50ms));
  EXPECT_TRUE(run.next_supervisor().pause.list().value().previous_hung);
  (void)wait_for(*process);
}

// ---- unregistered children ----

/// The second supervisor leaves three orphans, which end at once. The first one may leave one, too.
class RootPauseOrphans : public testing::Test {
 protected:
  RootPauseOrphans() {
    run_.emplace(shell_);
    run_->next_supervisor().die();
    supervisor_.emplace(run_->next_supervisor());
    EXPECT_TRUE(supervisor_->pause.adopted(0ms));
  }
  static std::string write_shell(const std::string& path) {
    std::ofstream(path) << "#!/bin/sh\nfor each in 1 2 3; do (sh -c 'exit 3' &); done\neval \"$2\"\n";
    fs::permissions(path, fs::perms::owner_all);
    return path;
  }
  /// Waits until the pause reports unknown children, and returns them.
  std::vector<pid_t> told() {
    bool gone = false;
    EXPECT_TRUE(is_readable(supervisor_->pause.fd()));
    supervisor_->pause.receive_pending(gone);
    return supervisor_->pause.take_unregistered_children();
  }
  std::vector<pid_t> children() const { return children_of(run_->pid()).value(); }

  supervisor::TemporaryDirectory directory_;
  std::string shell_ = write_shell(directory_ / "shell");
  std::optional<PauseRun> run_;
  std::optional<FakeSupervisor> supervisor_;
};

TEST_F(RootPauseOrphans, OrphansAreReportedOneByOneAndReapedOnRequest) {
  int reaped = 0;
  while (reaped < 3 || children() != std::vector{supervisor_->process.pid}) {
    const auto unregistered_children = told();
    ASSERT_EQ(unregistered_children.size(), 1U);
    EXPECT_TRUE(peek_exit(unregistered_children[0]).value()) << "still there";
    ASSERT_TRUE(supervisor_->pause.reap(unregistered_children[0]));
    for (++reaped; peek_exit(unregistered_children[0]);) {}
  }
}

// Its zombie hides the zombies behind it from the pause, but only until it is reaped.
TEST_F(RootPauseOrphans, AnOrphanRegisteredAfterItsEndIsKept) {
  const auto launched = told();
  ASSERT_EQ(launched.size(), 1U);
  const auto process = open_process(launched[0]);
  ASSERT_TRUE(process);
  ASSERT_TRUE(supervisor_->pause.register_child(registration("app", 0, launched[0], {process->pidfd.get()})));
  ASSERT_EQ(supervisor_->pause.list().value().children.size(), 1U);
  EXPECT_TRUE(peek_exit(launched[0]).value()) << "still there";
  ASSERT_TRUE(supervisor_->pause.reap(launched[0]));
  std::set<pid_t> others;
  for (auto unregistered_children = supervisor_->pause.take_unregistered_children();
       others.size() < 2 && !HasFailure();) {
    if (unregistered_children.empty()) unregistered_children = told();
    for (const pid_t unregistered_child : std::exchange(unregistered_children, {}))
      others.insert(unregistered_child), (void)supervisor_->pause.reap(unregistered_child);
  }
  EXPECT_FALSE(others.contains(launched[0]));
}

}  // namespace
}  // namespace podrun::ns

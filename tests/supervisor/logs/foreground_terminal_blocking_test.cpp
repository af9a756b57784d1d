// Terminals, pipes and sockets that are full, stopped or closed: show() does not block, and nothing is lost or shown
// twice.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <termios.h>

#include <string>

#include "tests/supervisor/logs/terminal_fixture.hpp"

namespace podrun::supervisor {
namespace {

TEST_F(TerminalTest, AFullPipeLosesAndDoublesNoOutput) {
  for (const auto make : {make_pipe, make_sockets}) {
    const Channel to = make();
    ShownLog log;
    ForegroundTerminal terminal(3, Colours::Never, to.in.get(), err_.in.get());
    const std::string lines = numbered_lines(30'000);
    log.add(lines);
    EXPECT_FALSE(terminal.show(app, log.shown()));
    EXPECT_FALSE(terminal.show(app, log.shown())) << "still nobody reads";
    EXPECT_GE(terminal.blocked_fd(Stream::Out), 0);
    EXPECT_EQ(terminal.blocked_fd(Stream::Err), -1);
    EXPECT_EQ(show_rest(terminal, log, to), prefixed("app", lines));
    EXPECT_EQ(terminal.blocked_fd(Stream::Out), -1);
  }
}

TEST_F(TerminalTest, TheNextSupervisorContinuesAfterTheCutRecord) {
  Channel to = make_small_pipe();
  const std::string lines = numbered_lines(1000);
  app_.add(lines);
  {
    ForegroundTerminal killed(3, Colours::Never, to.in.get(), err_.in.get());
    EXPECT_FALSE(killed.show(app, app_.shown()));
  }
  const std::string before = to.read();
  ForegroundTerminal terminal(3, Colours::Never, to.in.get(), err_.in.get());
  const std::string after = show_rest(terminal, app_, to);
  const std::string all = prefixed("app", lines);
  EXPECT_TRUE(all.starts_with(before));
  EXPECT_TRUE(all.ends_with("\n" + after));
  EXPECT_LT(all.size() - before.size() - after.size(), std::string("app | line 1000\n").size());
}

TEST_F(TerminalTest, ALongRecordIsFinishedBeforeAnythingElse) {
  Channel to = make_small_pipe();
  ForegroundTerminal terminal(3, Colours::Never, to.in.get(), to.in.get());
  const std::string line = std::string(16'000, 'x') + "\n";
  app_.add(line);
  EXPECT_FALSE(terminal.show(app, app_.shown()));
  terminal.message("podrun: meanwhile");
  log_.add("y\n");
  EXPECT_FALSE(terminal.show(other, log_.shown()));
  std::string text = show_rest(terminal, app_, to);
  EXPECT_TRUE(terminal.show(other, log_.shown()));
  EXPECT_EQ(text + to.read(), "app | " + line + "podrun: meanwhile\nlog | y\n");
}

TEST_F(TerminalTest, ABlockedStderrDoesNotDelayStdout) {
  Channel stuck = make_small_pipe();
  ForegroundTerminal terminal(3, Colours::Never, out_.in.get(), stuck.in.get());
  log_.add(numbered_lines(1000), Stream::Err);
  EXPECT_FALSE(terminal.show(other, log_.shown()));
  app_.add("one\n");
  terminal.show(app, app_.shown());
  EXPECT_TRUE(app_.all_shown());
  EXPECT_EQ(out_.read(), "app | one\n");
}

TEST_F(TerminalTest, OutputToAClosedPipeIsDiscarded) {
  ForegroundTerminal terminal(3, Colours::Never, out_.in.get(), err_.in.get());
  out_.out.reset();
  app_.add("one\n");
  app_.add("oh\n", Stream::Err);
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  EXPECT_TRUE(app_.all_shown());
  EXPECT_EQ(err_.read(), "app | oh\n") << "the other stream goes on";
}

TEST_F(TerminalTest, OutputToAPipeClosedWhileFullIsDiscarded) {
  Channel to = make_small_pipe();
  ForegroundTerminal terminal(3, Colours::Never, to.in.get(), err_.in.get());
  app_.add(numbered_lines(1000));
  EXPECT_FALSE(terminal.show(app, app_.shown()));
  to.out.reset();
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  EXPECT_TRUE(app_.all_shown());
}

TEST_F(TerminalTest, OutputToClosedDescriptorsIsDiscarded) {
  ForegroundTerminal terminal(3, Colours::Never, -1, -1);
  app_.add("one\n");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  terminal.message("podrun: nobody hears this");
}

TEST_F(TerminalTest, TheCallersFileStatusFlagsAreKept) {
  Channel full = make_small_pipe();
  const int before = ::fcntl(full.in.get(), F_GETFL);
  {
    ForegroundTerminal terminal(3, Colours::Never, full.in.get(), err_.in.get());
    EXPECT_EQ(::fcntl(full.in.get(), F_GETFL), before) << "at its start";
    app_.add(numbered_lines(1000));
    EXPECT_FALSE(terminal.show(app, app_.shown()));
    EXPECT_EQ(::fcntl(full.in.get(), F_GETFL), before) << "when the pipe is full";
    show_rest(terminal, app_, full);
    EXPECT_EQ(::fcntl(full.in.get(), F_GETFL), before) << "when everything is shown";
  }
  EXPECT_EQ(::fcntl(full.in.get(), F_GETFL), before) << "at its end";
}

TEST_F(TerminalTest, OutputToAFileIsAppendedAfterOtherWriters) {
  TemporaryDirectory directory;
  const std::string path = directory / "out";
  const Fd file(::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
  ForegroundTerminal terminal(3, Colours::Never, file.get(), file.get());
  app_.add("one\n");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  const Fd other(::open(path.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC));
  ASSERT_EQ(::write(other.get(), "another's\n", 10), 10);
  terminal.message("podrun: hello");
  EXPECT_EQ(contents_of(path), "app | one\nanother's\npodrun: hello\n");
}

TEST_F(TerminalTest, ALongLogIsShownInSeveralCalls) {
  const Fd null(::open("/dev/null", O_WRONLY | O_CLOEXEC));
  ForegroundTerminal terminal(3, Colours::Never, null.get(), null.get());
  app_.add(numbered_lines(30'000));
  EXPECT_FALSE(terminal.show(app, app_.shown()));
  EXPECT_GE(terminal.blocked_fd(Stream::Out), 0) << "something to wait for, ready at once";
  while (!terminal.show(app, app_.shown())) continue;
  EXPECT_TRUE(app_.all_shown());
}

TEST_F(TerminalTest, UnreadMessagesAreQueuedUpToALimit) {
  Channel stuck = make_small_pipe();
  ForegroundTerminal terminal(3, Colours::Never, out_.in.get(), stuck.in.get());
  for (int i = 0; i < 100'000; ++i) terminal.message("message " + std::to_string(i));
  EXPECT_GE(terminal.blocked_fd(Stream::Err), 0);
  const std::string text = show_rest(terminal, app_, stuck);
  EXPECT_TRUE(text.starts_with("message 0\nmessage 1\n"));
  EXPECT_TRUE(text.ends_with("\n")) << "no half message";
  EXPECT_LT(text.size(), 100'000u);
  terminal.message("heard again");
  EXPECT_EQ(stuck.read(), "heard again\n");
}

TEST_F(TerminalTest, OutputToAStoppedTerminalWaitsWithoutBlocking) {
  Channel tty = make_terminal();
  ForegroundTerminal terminal(3, Colours::Never, tty.in.get(), tty.in.get());
  app_.add("one\n");
  ASSERT_EQ(::tcflow(tty.in.get(), TCOOFF), 0);
  EXPECT_FALSE(terminal.show(app, app_.shown()));
  ASSERT_EQ(::tcflow(tty.in.get(), TCOON), 0);
  EXPECT_EQ(show_rest(terminal, app_, tty), "app | one\r\n");
}

TEST_F(TerminalTest, OutputToATerminalThatHungUpIsDiscarded) {
  Channel tty = make_terminal();
  ForegroundTerminal terminal(3, Colours::Never, tty.in.get(), tty.in.get());
  tty.out.reset();
  app_.add("one\n");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  EXPECT_TRUE(app_.all_shown());
}

}  // namespace
}  // namespace podrun::supervisor

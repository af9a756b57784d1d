// What the foreground's text looks like.
#include <gtest/gtest.h>

#include <string>

#include "tests/supervisor/terminal_fixture.hpp"

namespace podrun::supervisor {
namespace {

TEST_F(TerminalTest, EachStreamGoesToItsOwnWithThePaddedName) {
  Terminal terminal(7, Colours::Never, out_.in.get(), err_.in.get());
  app_.add("one\ntwo\n");
  app_.add("oh\n", Stream::Err);
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  EXPECT_EQ(out_.read(), "app     | one\napp     | two\n");
  EXPECT_EQ(err_.read(), "app     | oh\n");
}

TEST_F(TerminalTest, WhatWasShownIsNotShownAgain) {
  app_.add("one\n");
  EXPECT_TRUE(Terminal(3, Colours::Never, out_.in.get(), err_.in.get()).show(app, app_.shown()));
  app_.add("two\n");
  EXPECT_TRUE(Terminal(3, Colours::Never, out_.in.get(), err_.in.get()).show(app, app_.shown()));
  EXPECT_EQ(out_.read(), "app | one\napp | two\n");
}

TEST_F(TerminalTest, PartsOfALineAreJoined) {
  Terminal terminal(3, Colours::Never, out_.in.get(), err_.in.get());
  app_.add("hel");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  app_.add("lo\nbye\n");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  EXPECT_EQ(out_.read(), "app | hello\napp | bye\n");
}

TEST_F(TerminalTest, AnotherContainerEndsAnOpenLine) {
  Terminal terminal(3, Colours::Never, out_.in.get(), err_.in.get());
  app_.add("hel");
  log_.add("x\n");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  EXPECT_TRUE(terminal.show(other, log_.shown()));
  app_.add("lo\n");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  EXPECT_EQ(out_.read(), "app | hel\nlog | x\napp | lo\n");
}

TEST_F(TerminalTest, TheNextInstanceDoesNotContinueALineOfTheOneBefore) {
  Terminal terminal(3, Colours::Never, out_.in.get(), err_.in.get());
  app_.add("dying wor");
  log_.add("born again\n");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  EXPECT_TRUE(terminal.show(app_again, log_.shown()));
  EXPECT_EQ(out_.read(), "app | dying wor\napp | born again\n");
}

TEST_F(TerminalTest, TheLastLineEndsWithTheTerminal) {
  app_.add("no newline");
  EXPECT_TRUE(Terminal(3, Colours::Never, out_.in.get(), err_.in.get()).show(app, app_.shown()));
  EXPECT_EQ(out_.read(), "app | no newline\n");
}

TEST_F(TerminalTest, ControlCharactersPassThrough) {
  Terminal terminal(3, Colours::Never, out_.in.get(), err_.in.get());
  app_.add("\x1b[1mbold\r\a\xff\n");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  EXPECT_EQ(out_.read(), "app | \x1b[1mbold\r\a\xff\n");
}

TEST_F(TerminalTest, MessagesGoToStderrAndEndAnOpenLineOfTheSamePlace) {
  Terminal terminal(3, Colours::Never, out_.in.get(), out_.in.get());
  app_.add("hel");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  terminal.message("podrun: app: exited");
  EXPECT_EQ(out_.read(), "app | hel\npodrun: app: exited\n");
}

TEST_F(TerminalTest, ColoursAreForTerminalsAlone) {
  Channel tty = make_terminal();
  Terminal terminal(3, Colours::OnTerminals, tty.in.get(), err_.in.get());
  app_.add("one\n");
  app_.add("oh\n", Stream::Err);
  log_.add("two\n");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  EXPECT_TRUE(terminal.show(other, log_.shown()));
  EXPECT_EQ(tty.read(), "\x1b[36mapp |\x1b[0m one\r\n\x1b[33mlog |\x1b[0m two\r\n");
  EXPECT_EQ(err_.read(), "app | oh\n");
}

TEST_F(TerminalTest, NoColorIsHeeded) {
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_EQ(colours_by_environment(), Colours::Never);
  ::setenv("NO_COLOR", "", 1);
  EXPECT_EQ(colours_by_environment(), Colours::OnTerminals);
  ::unsetenv("NO_COLOR");
  EXPECT_EQ(colours_by_environment(), Colours::OnTerminals);
}

}  // namespace
}  // namespace podrun::supervisor

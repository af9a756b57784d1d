// The text that podrun shows in the foreground.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/supervisor/logs/terminal_fixture.hpp"

namespace podrun::supervisor {
namespace {

TEST_F(TerminalTest, EachStreamIsShownOnItsOwnWithThePaddedName) {
  ForegroundTerminal terminal(7, Colours::Never, out_.in.get(), err_.in.get());
  app_.add("one\ntwo\n");
  app_.add("oh\n", Stream::Err);
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  EXPECT_EQ(out_.read(), "app     | one\napp     | two\n");
  EXPECT_EQ(err_.read(), "app     | oh\n");
}

TEST_F(TerminalTest, ShownRecordsAreNotShownAgain) {
  app_.add("one\n");
  EXPECT_TRUE(ForegroundTerminal(3, Colours::Never, out_.in.get(), err_.in.get()).show(app, app_.shown()));
  app_.add("two\n");
  EXPECT_TRUE(ForegroundTerminal(3, Colours::Never, out_.in.get(), err_.in.get()).show(app, app_.shown()));
  EXPECT_EQ(out_.read(), "app | one\napp | two\n");
}

TEST_F(TerminalTest, PartsOfALineAreJoined) {
  ForegroundTerminal terminal(3, Colours::Never, out_.in.get(), err_.in.get());
  app_.add("hel");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  app_.add("lo\nbye\n");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  EXPECT_EQ(out_.read(), "app | hello\napp | bye\n");
}

TEST_F(TerminalTest, AnotherContainerEndsAnOpenLine) {
  ForegroundTerminal terminal(3, Colours::Never, out_.in.get(), err_.in.get());
  app_.add("hel");
  log_.add("x\n");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  EXPECT_TRUE(terminal.show(other, log_.shown()));
  app_.add("lo\n");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  EXPECT_EQ(out_.read(), "app | hel\nlog | x\napp | lo\n");
}

TEST_F(TerminalTest, TheNextInstanceStartsANewLine) {
  ForegroundTerminal terminal(3, Colours::Never, out_.in.get(), err_.in.get());
  app_.add("dying wor");
  log_.add("born again\n");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  EXPECT_TRUE(terminal.show(app_again, log_.shown()));
  EXPECT_EQ(out_.read(), "app | dying wor\napp | born again\n");
}

TEST_F(TerminalTest, AnOpenLineIsEndedWhenTheTerminalIsDestroyed) {
  app_.add("no newline");
  EXPECT_TRUE(ForegroundTerminal(3, Colours::Never, out_.in.get(), err_.in.get()).show(app, app_.shown()));
  EXPECT_EQ(out_.read(), "app | no newline\n");
}

TEST_F(TerminalTest, ControlCharactersPassThroughAPipe) {
  ForegroundTerminal terminal(3, Colours::Never, out_.in.get(), err_.in.get());
  app_.add("\x1b[1mbold\r\a\xff\n");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  EXPECT_EQ(out_.read(), "app | \x1b[1mbold\r\a\xff\n");
}

/// The text on a terminal for these lines, which two containers print in turns.
std::string on_a_terminal(ShownLog& first, ShownLog& second, const std::vector<std::string>& texts, bool raw = false) {
  Channel tty = make_terminal();
  ForegroundTerminal terminal(3, Colours::Never, tty.in.get(), tty.in.get(), raw);
  for (std::size_t turn = 0; turn < texts.size(); ++turn) {
    ShownLog& log = turn % 2 == 0 ? first : second;
    log.add(texts[turn]);
    EXPECT_TRUE(terminal.show(turn % 2 == 0 ? app : other, log.shown()));
  }
  return tty.read();
}

TEST_F(TerminalTest, OnlyColoursPassToATerminal) {
  EXPECT_EQ(on_a_terminal(app_, log_, {"\033[6n\033[1mbold\033[0m\033]0;title\a\033]52;c;eA==\a\n"}),
            "app | \033[1mbold\033[0m\r\n");
}

TEST_F(TerminalTest, RawOutputKeepsEverySequence) {
  EXPECT_EQ(on_a_terminal(app_, log_, {"\033[6n\033]0;title\a\n"}, true), "app | \033[6n\033]0;title\a\r\n");
}

TEST_F(TerminalTest, OpenColoursApplyOnlyToTheirContainer) {
  EXPECT_EQ(on_a_terminal(app_, log_, {"\033[31mred\n", "plain\n", "still red\033[0m\n", "plain\n", "no more\n"}),
            "app | \033[31mred\033[0m\r\n"
            "log | plain\r\n"
            "app | \033[31mstill red\033[0m\r\n"
            "log | plain\r\n"
            "app | no more\r\n");
}

TEST_F(TerminalTest, AnInterruptedSequenceContinuesWithItsContainer) {
  EXPECT_EQ(on_a_terminal(app_, log_, {"a\033]52;c;", "\033[3", "eA==\ab\n", "2mgreen\n"}),
            "app | a\r\nlog | \r\napp | b\r\nlog | \033[32mgreen\033[0m\r\n");
}

TEST_F(TerminalTest, AnUnfinishedSequenceEndsWithItsLine) {
  EXPECT_EQ(on_a_terminal(app_, log_, {"a\033]0;title\n", "b\n", "c\n"}), "app | a\r\nlog | b\r\napp | c\r\n");
}

TEST_F(TerminalTest, OpenSequencesDoNotReachTheNextInstance) {
  Channel tty = make_terminal();
  ForegroundTerminal terminal(3, Colours::Never, tty.in.get(), tty.in.get());
  app_.add("\033[31mdying\033]0;");
  log_.add("born again\n");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  EXPECT_TRUE(terminal.show(app_again, log_.shown()));
  EXPECT_EQ(tty.read(), "app | \033[31mdying\033[0m\r\napp | born again\r\n");
}

TEST_F(TerminalTest, MessagesHaveNoControlSequencesOrOpenColours) {
  for (const bool raw : {false, true}) {
    Channel tty = make_terminal();
    ForegroundTerminal terminal(3, Colours::Never, tty.in.get(), tty.in.get(), raw);
    terminal.message("podrun: image \033]0;x\ay");
    EXPECT_EQ(tty.read(), "podrun: image y\r\n");
  }
  Channel tty = make_terminal();
  ForegroundTerminal terminal(3, Colours::Never, tty.in.get(), tty.in.get());
  app_.add("\033[31mred");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  terminal.message("podrun: plain");
  EXPECT_EQ(tty.read(), "app | \033[31mred\033[0m\r\npodrun: plain\r\n");
}

TEST_F(TerminalTest, AMessageEndsAnOpenLineOfTheSameOutput) {
  ForegroundTerminal terminal(3, Colours::Never, out_.in.get(), out_.in.get());
  app_.add("hel");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  terminal.message("podrun: app: exited");
  EXPECT_EQ(out_.read(), "app | hel\npodrun: app: exited\n");
}

TEST_F(TerminalTest, PrefixesAreColouredOnlyOnTerminals) {
  Channel tty = make_terminal();
  ForegroundTerminal terminal(3, Colours::OnTerminals, tty.in.get(), err_.in.get());
  app_.add("one\n");
  app_.add("oh\n", Stream::Err);
  log_.add("two\n");
  EXPECT_TRUE(terminal.show(app, app_.shown()));
  EXPECT_TRUE(terminal.show(other, log_.shown()));
  EXPECT_EQ(tty.read(), "\x1b[36mapp |\x1b[0m one\r\n\x1b[33mlog |\x1b[0m two\r\n");
  EXPECT_EQ(err_.read(), "app | oh\n");
}

TEST_F(TerminalTest, TheVariableNoColorDisablesColours) {
  ::setenv("NO_COLOR", "1", 1);
  EXPECT_EQ(colours_by_environment(), Colours::Never);
  ::setenv("NO_COLOR", "", 1);
  EXPECT_EQ(colours_by_environment(), Colours::OnTerminals);
  ::unsetenv("NO_COLOR");
  EXPECT_EQ(colours_by_environment(), Colours::OnTerminals);
}

}  // namespace
}  // namespace podrun::supervisor

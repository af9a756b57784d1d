// The end of what a command has printed.
#include <fcntl.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include "namespaces/kernel/channel.hpp"
#include "supervisor/health/command_output.hpp"

namespace podrun::supervisor {
namespace {

class CommandOutputs : public testing::Test {
 protected:
  CommandOutputs() {
    ns::Channel pipe = ns::make_pipe().value();
    EXPECT_EQ(::fcntl(pipe.first.get(), F_SETFL, O_NONBLOCK), 0);
    output_ = CommandOutput(std::move(pipe.first));
    writer_ = std::move(pipe.second);
  }
  void print(const std::string& text) {
    EXPECT_EQ(::write(writer_.get(), text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }

  CommandOutput output_;
  Fd writer_;
};

TEST_F(CommandOutputs, ShortOutputIsKeptWhole) {
  print("one\n");
  EXPECT_EQ(output_.take().bytes, 4U);
  print("two\n");
  EXPECT_EQ(output_.take().bytes, 4U);
  EXPECT_EQ(output_.tail(), "one\ntwo\n");
  const CommandOutput::Taken nothing = output_.take();
  EXPECT_EQ(nothing.bytes, 0U);
  EXPECT_FALSE(nothing.ended);
  writer_.reset();
  EXPECT_TRUE(output_.take().ended);
}

TEST_F(CommandOutputs, OfLongOutputTheLast4096BytesAreKept) {
  print("begin" + std::string(60'000, 'x'));
  EXPECT_EQ(output_.take().bytes, 60'005U);
  EXPECT_EQ(output_.tail(), std::string(4096, 'x'));
  print("end");
  EXPECT_EQ(output_.take().bytes, 3U);
  EXPECT_EQ(output_.tail(), std::string(4093, 'x') + "end");
}

TEST(LastLine, IsTheLastOneThatIsNotBlank) {
  EXPECT_EQ(last_line("one\ntwo\n\n \r\n"), "two");
  EXPECT_EQ(last_line("one"), "one");
  EXPECT_EQ(last_line("\n"), "");
  EXPECT_EQ(last_line(""), "");
}

TEST(LastLine, IsFitForAMessage) {
  EXPECT_EQ(last_line("a\x1b]0;title\x07z\tä"), "a\uFFFD]0;title\uFFFDz ä");
  EXPECT_EQ(last_line("\xff"), "\uFFFD");
  EXPECT_EQ(last_line(std::string(5000, 'x')), std::string(200, 'x') + "…");
}

}  // namespace
}  // namespace podrun::supervisor

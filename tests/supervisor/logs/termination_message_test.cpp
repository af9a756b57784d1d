// Termination messages: from the container's file, or from the end of its log.
#include "supervisor/logs/termination_message.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fmt/format.h>

#include "namespaces/kernel/fd.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::supervisor {
namespace {

using pod::TerminationMessagePolicy;

std::string log_line(std::string_view text, char kind = 'F') {
  return fmt::format("2026-11-24T06:38:34.123456789Z stdout {} {}\n", kind, text);
}

class TerminationMessageTest : public testing::Test {
 protected:
  std::string message(int exit_code, TerminationMessagePolicy policy, std::size_t containers = 1) const {
    const Fd log(::open((directory / "0.log").c_str(), O_RDONLY | O_CLOEXEC));
    return termination_message(
        {.file = directory / "file", .log = log.get(), .policy = policy, .containers = containers}, exit_code);
  }
  void write(const std::string& name, const std::string& text) const { std::ofstream(directory / name) << text; }

  TemporaryDirectory directory;
};

TEST_F(TerminationMessageTest, AMessageIsTheLastFourKibibytesOfTheFile) {
  write("file", std::string(5000, 'a') + std::string(4096, 'b'));
  EXPECT_EQ(message(0, TerminationMessagePolicy::File), std::string(4096, 'b'));
}

TEST_F(TerminationMessageTest, TheMessagesOfAllContainersShareTwelveKibibytes) {
  write("file", "begin" + std::string(4000, 'x'));
  EXPECT_EQ(message(1, TerminationMessagePolicy::File, 6).size(), 2048U);
  EXPECT_EQ(message(1, TerminationMessagePolicy::File, 6).substr(0, 6), "beginx") << "the kubelet keeps the beginning";
}

TEST_F(TerminationMessageTest, TheLogIsUsedOnlyForAFailureWithAnEmptyFile) {
  write("file", "");
  write("0.log", log_line("first") + log_line("second"));
  EXPECT_EQ(message(1, TerminationMessagePolicy::FallbackToLogsOnError), "first\nsecond\n");
  EXPECT_EQ(message(0, TerminationMessagePolicy::FallbackToLogsOnError), "");
  EXPECT_EQ(message(1, TerminationMessagePolicy::File), "");
  write("file", "its own");
  EXPECT_EQ(message(1, TerminationMessagePolicy::FallbackToLogsOnError), "its own");
}

TEST_F(TerminationMessageTest, AMissingFileAndLogGiveAnEmptyMessage) {
  EXPECT_EQ(message(1, TerminationMessagePolicy::FallbackToLogsOnError), "");
}

TEST_F(TerminationMessageTest, AFifoOrALinkGivesAnEmptyMessage) {
  ASSERT_EQ(::mkfifo((directory / "file").c_str(), 0600), 0);
  EXPECT_EQ(message(1, TerminationMessagePolicy::File), "");
  ASSERT_EQ(::unlink((directory / "file").c_str()), 0);
  ASSERT_EQ(::symlink("/etc/passwd", (directory / "file").c_str()), 0);
  EXPECT_EQ(message(1, TerminationMessagePolicy::File), "");
}

TEST_F(TerminationMessageTest, AMessageFromALongLogHasOnlyWholeLines) {
  std::string log;
  for (int line = 0; line < 2000; ++line) log += log_line(fmt::format("line {}", line));
  write("0.log", log);
  const std::string words = message(1, TerminationMessagePolicy::FallbackToLogsOnError);
  EXPECT_TRUE(words.starts_with("line 1920\n")) << words;
  EXPECT_TRUE(words.ends_with("line 1999\n")) << words;
}

TEST(EndOfLog, TheEndOfALogIsEightyLines) {
  std::string log;
  for (int line = 1; line <= 81; ++line) log += log_line(std::to_string(line));
  EXPECT_TRUE(end_of_log(log).starts_with("2\n"));
  EXPECT_TRUE(end_of_log(log).ends_with("81\n"));
}

TEST(EndOfLog, TheEndOfALogIsTwoKibibytes) {
  EXPECT_EQ(end_of_log(log_line("lost") + log_line(std::string(3000, 'x'))), std::string(2047, 'x') + "\n");
}

TEST(EndOfLog, PartialRecordsAreJoined) {
  EXPECT_EQ(end_of_log(log_line("one ", 'P') + log_line("line")), "one line\n");
  EXPECT_EQ(end_of_log(log_line("open", 'P')), "open");
  EXPECT_EQ(end_of_log(""), "");
}

}  // namespace
}  // namespace podrun::supervisor

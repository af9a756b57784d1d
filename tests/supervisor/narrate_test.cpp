// The ends of containers in words.
#include "supervisor/narrate.hpp"

#include <gtest/gtest.h>

namespace podrun::supervisor {
namespace {

std::string narrated(Termination end) {
  ContainerStatus after{.state = ContainerState::Failed};
  after.last = std::move(end);
  return narrate("c", {}, after, BootTime{0});
}

TEST(Narration, TellsWhatTheContainerSaidInOneLine) {
  EXPECT_EQ(narrated({.exit_code = 3, .reason = "Error", .message = "starting\n no database\n\n"}),
            "c: exited with 3: \"no database\"");
  EXPECT_EQ(narrated({.exit_code = 137, .reason = "Error", .message = "\x1b[2J\a"}),
            "c: ended by signal 9 (exit code 137): \"\\x1b[2J\\x07\"");
  EXPECT_EQ(narrated({.exit_code = 0, .reason = "Completed", .message = " \n"}), "c: exited with 0");
}

TEST(Narration, TellsOfAFailedStepAsItIs) {
  EXPECT_EQ(narrated({.exit_code = 128, .reason = "StartError", .message = "step 3: \"x\""}),
            "c: did not start: step 3: \"x\"");
}

}  // namespace
}  // namespace podrun::supervisor

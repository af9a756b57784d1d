// Messages between the pause and a supervisor, over a socket whose peer may die at any time.
#include <sys/socket.h>

#include <cerrno>

#include <gtest/gtest.h>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/pause/transport.hpp"

namespace podrun::pause {
namespace {

struct Ends {
  Ends() {
    int pair[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
    pause = Fd(pair[0]), supervisor = Fd(pair[1]);
  }
  Fd pause, supervisor;
};

TEST(Transport, TheLastMessageOfAPeerThatDiedWithUnreadOnesIsReceived) {
  Ends ends;
  ASSERT_TRUE(send_message(ends.pause.get(), {.op = Op::Ask}, nullptr, 0));
  ASSERT_TRUE(send_message(ends.supervisor.get(), {.op = Op::Quit, .a = 7}, nullptr, 0));
  ends.supervisor.reset();

  Message message{};
  int fds[max_descriptors];
  unsigned count = 0;
  ASSERT_TRUE(receive_message(ends.pause.get(), message, fds, count, MSG_DONTWAIT));
  EXPECT_EQ(message.op, Op::Quit);
  EXPECT_EQ(message.a, 7);
  EXPECT_FALSE(receive_message(ends.pause.get(), message, fds, count, MSG_DONTWAIT));
  EXPECT_EQ(errno, EPIPE);
}

}  // namespace
}  // namespace podrun::pause

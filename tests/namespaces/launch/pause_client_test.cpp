// The supervisor's end of the pause protocol, against messages that the test writes.
#include <sys/socket.h>

#include <gtest/gtest.h>

#include "namespaces/launch/pause_client.hpp"
#include "namespaces/pause/transport.hpp"

namespace podrun::ns {
namespace {

// As when this process is at its limit of open files: the kernel drops descriptors and delivers the rest.
TEST(PauseClient, DescriptorsThatAreLostOnTheWayAreAnError) {
  int pair[2];
  ASSERT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
  const Fd pause(pair[0]);
  PauseClient client{Fd(pair[1])};
  const pause::Message item{.op = pause::Op::Item, .a = 7, .name = "app", .descriptors = 2};
  ASSERT_EQ(::send(pause.get(), &item, sizeof item, 0), static_cast<ssize_t>(sizeof item));
  const auto holdings = client.list();
  ASSERT_FALSE(holdings);
  EXPECT_EQ(holdings.error().number, EMFILE);
}

}  // namespace
}  // namespace podrun::ns

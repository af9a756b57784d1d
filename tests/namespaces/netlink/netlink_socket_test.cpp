// A netlink socket: the kernel's answers to a batch become one result.
#include "namespaces/netlink/netlink_socket.hpp"

#include <gtest/gtest.h>
#include <linux/rtnetlink.h>

#include <cerrno>
#include <memory>

#include <fmt/format.h>

#include "namespaces/netlink/route_messages.hpp"
#include "tests/namespaces/network/network_world.hpp"

namespace podrun::ns {
namespace {

const Interface loopback{1, "lo"};

class RootNetlinkSocket : public testing::Test {
 protected:
  RootNetlinkSocket() {
    network_.in([&] { socket_ = std::make_unique<NetlinkSocket>(*NetlinkSocket::open(NETLINK_ROUTE)); });
  }

  TestNetwork network_;
  std::unique_ptr<NetlinkSocket> socket_;
};

TEST_F(RootNetlinkSocket, ItStaysInTheNamespaceInWhichItWasOpened) {
  network_.run({"ip", "link", "add", "dummy77", "type", "veth"});
  EXPECT_TRUE(socket_->interface_index("dummy77"));
  const auto absent = socket_->interface_index("dummy78");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().number, ENODEV);
}

TEST_F(RootNetlinkSocket, TheKernelsSentenceIsInTheError) {
  NetlinkBatch batch;
  add_route(batch, {.destination = *pod::parse_prefix("10.77.0.5/32"),
                    .interface = loopback,
                    .source = *pod::parse_ip("192.0.2.1")});
  const auto refused = socket_->send(batch);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message,
            "add the route to 10.77.0.5/32 by lo: Invalid argument (Invalid prefsrc address)");
  EXPECT_EQ(refused.error().number, EINVAL);
}

TEST_F(RootNetlinkSocket, TheFirstErrorThatIsNotAllowedIsReported) {
  const auto address = *pod::parse_ip("10.77.0.5");
  NetlinkBatch batch;
  add_address(batch, loopback, address, AddressScope::Host);
  add_address(batch, loopback, address, AddressScope::Host);  // EEXIST, which is allowed
  bring_up(batch, {100, "absent"});
  bring_up(batch, {101, "another"});
  const auto refused = socket_->send(batch);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "bring absent up: No such device");
  EXPECT_TRUE(network_.run({"ip", "address"}).contains("10.77.0.5/32"));
}

TEST_F(RootNetlinkSocket, AThousandErrorsAreOne) {
  NetlinkBatch batch;
  for (int i = 0; i < 1000; ++i) bring_up(batch, {100 + i, fmt::format("absent{}", i)});
  const auto refused = socket_->send(batch);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().message, "bring absent0 up: No such device");
}

TEST_F(RootNetlinkSocket, AQuestionAboutWhatIsNotThereIsAnError) {
  bool has_heard = false;
  const auto hear = [&](const NetlinkReply&) { has_heard = true; };
  const auto absent = socket_->ask(question_about_interface("dummy77"), hear);
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().number, ENODEV);
  EXPECT_FALSE(has_heard);
  EXPECT_TRUE(socket_->ask(question_about_interface("lo"), hear));
  EXPECT_TRUE(has_heard);
}

}  // namespace
}  // namespace podrun::ns

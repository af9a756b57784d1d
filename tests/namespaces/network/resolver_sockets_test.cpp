// The sockets of a namespace's resolver: they are in the namespace, and hear its processes alone.
#include <cerrno>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "tests/namespaces/network/network_world.hpp"

namespace podrun::ns {
namespace {

const pod::network::Resolver step{*pod::parse_ip(pod::resolver_address)};

class RootResolverSockets : public testing::Test {
 protected:
  RootResolverSockets() {
    world_.host.in([&] {
      auto opened = open_resolver_sockets(step, pod_.network.get());
      ASSERT_TRUE(opened) << opened.error().message;
      sockets_ = std::move(*opened);
    });
  }

  NetworkWorld world_;
  TestPod pod_ = world_.add_pod(5);
  std::vector<Fd> sockets_;
};

TEST_F(RootResolverSockets, TheyHearTheProcessesOfTheNamespace) {
  ASSERT_EQ(sockets_.size(), 2U);
  const Fd asker = pod_.network.datagrams("0.0.0.0", 0);
  EXPECT_EQ(send_to(asker, "169.254.77.53", 53, "who?"), 0);
  const auto question = next_datagram(sockets_[0]);
  ASSERT_TRUE(question);
  EXPECT_EQ(send_to(sockets_[0], question->from, question->port, "this one"), 0);
  const auto answer = next_datagram(asker);
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->from, "169.254.77.53");
  EXPECT_TRUE(pod_.network.connects("169.254.77.53", 53));
}

TEST_F(RootResolverSockets, TheyDoNotHearTheHost) {
  world_.host.run({"ip", "route", "add", "169.254.77.53/32", "dev", "podrun5"});
  world_.host.run({"ip", "neigh", "add", "169.254.77.53", "lladdr", "02:70:6f:65:00:05", "dev", "podrun5"});
  const Fd sender = world_.host.datagrams("0.0.0.0", 0), asker = pod_.network.datagrams("0.0.0.0", 0);
  EXPECT_EQ(send_to(sender, "169.254.77.53", 53, "from the host"), 0);
  EXPECT_EQ(send_to(asker, "169.254.77.53", 53, "from the pod"), 0);
  const auto heard = next_datagram(sockets_[0]);
  ASSERT_TRUE(heard);
  EXPECT_EQ(heard->text, "from the pod");
}

TEST_F(RootResolverSockets, TheAddressThatIsThereIsNoErrorButTheTakenPortIs) {
  world_.host.in([&] {
    const auto second = open_resolver_sockets(step, pod_.network.get());
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().number, EADDRINUSE);
    EXPECT_TRUE(second.error().message.starts_with("bind port 53 of 169.254.77.53 in the pod: "));
  });
  sockets_.clear();
  world_.host.in([&] { EXPECT_TRUE(open_resolver_sockets(step, pod_.network.get())); });
}

}  // namespace
}  // namespace podrun::ns

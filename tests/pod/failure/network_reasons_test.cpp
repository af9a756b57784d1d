// The messages of failed steps of a network: what the host lacks, and what the manifest can say then.
#include <gtest/gtest.h>

#include <cerrno>

#include "pod/failure/step_failure.hpp"
#include "pod/network/ip_address.hpp"

namespace podrun::pod {
namespace {

std::string message_of(NetworkStep step, int error, const std::string& container = "") {
  const NetworkPlan network{.container = container,
                            .number = 5,
                            .interface = "podrun5",
                            .addresses = {.ipv4 = parse_ip("10.77.0.5")},
                            .ports = {},
                            .steps = {std::move(step)}};
  return network_step_failure(network, 0, Error::system("netlink", error)).message;
}

const network::Link link{.interface = "podrun5", .alias = "podrun default_web", .mtu = 1500};

TEST(NetworkFailure, AKernelWithoutVethIsNamedWithTheAnnotationThatAvoidsIt) {
  EXPECT_EQ(message_of(link, EOPNOTSUPP),
            "this kernel has no veth(4) (CONFIG_VETH); with the annotation podrun.io/network: none it starts with "
            "loopback only (network step 1 of 1: link veth podrun5 ↔ eth0 in the namespace, mtu 1500: "
            "netlink: Operation not supported)");
  EXPECT_TRUE(message_of(link, EOPNOTSUPP, "db").contains("with the annotation podrun.io/network.db: none"));
}

TEST(NetworkFailure, ALackOfRightsNamesTheCapability) {
  EXPECT_TRUE(message_of(link, EPERM).starts_with("this host does not let podrun do it: it lacks CAP_NET_ADMIN here"));
}

TEST(NetworkFailure, AnInterfaceThatIsThereIsNamed) {
  EXPECT_TRUE(message_of(link, EEXIST).starts_with("another interface is called podrun5, or "));
  EXPECT_TRUE(message_of(network::HostEnd{.interface = "podrun5", .addresses = {}, .gateways = {}}, EEXIST)
                  .starts_with("another interface has an address or a route of podrun5 "));
}

TEST(NetworkFailure, ASettingThatCannotBeWrittenSaysWhatToDo) {
  EXPECT_TRUE(message_of(network::HostSetting{.name = "net/ipv4/ip_forward", .value = "1"}, EROFS)
                  .starts_with("this host does not let podrun set net/ipv4/ip_forward to 1, which pods need: set it "
                               "before, where /proc/sys can be written; with the annotation podrun.io/network: none "));
}

TEST(NetworkFailure, AKernelWithoutNftablesIsNamed) {
  for (const int error : {EOPNOTSUPP, EPROTONOSUPPORT, ENOENT})
    EXPECT_TRUE(message_of(network::Filter{.table = {.name = "podrun5", .chains = {}}}, error)
                    .starts_with("this kernel has no nftables(8), or lacks a part of it"));
}

TEST(NetworkFailure, WithoutAReasonTheStepAndTheErrorRemain) {
  EXPECT_EQ(message_of(network::Resolver{.address = *parse_ip("169.254.77.53"), .upstreams = {"192.0.2.53"}},
                       EIO),
            "network step 1 of 1: resolver 169.254.77.53 port 53 on lo → 192.0.2.53; podrun-resolver starts at the "
            "first query: netlink: Input/output error");
}

}  // namespace
}  // namespace podrun::pod

// What people are told about networks: podrun network, ps, status, ns, info, and the messages of a start.
#include <nlohmann/json.hpp>

#include "tests/system/network/lan.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

class NetworkShown : public testing::Test {
 protected:
  std::string text_of(const std::vector<std::string>& words) {
    const Finished shown = run(root_, words);
    EXPECT_EQ(shown.status, 0) << shown.err;
    return shown.out;
  }

  TemporaryRoot root_;
  Lan lan_;
};

TEST_F(NetworkShown, EachVerbHasTheAddressesAndPortsOfAPod) {
  const std::string text =
      manifest("web", {{.name = "app",
                        .script = until_stopped_after("echo up"),
                        .fields = "ports:\n- {containerPort: 80, hostPort: 8080, hostIP: 192.0.2.1}\n"
                                  "- {containerPort: 53, hostPort: 5353, protocol: UDP}"}});
  PodRun pod(root_, {root_.write("web.yaml", text)});
  ASSERT_TRUE(pod.wait_for_out("up"));
  const auto record = wait_for_state(root_, "default_web", [](const auto& each) { return !each.networks.empty(); });
  const auto& network = record.networks.at(0);
  const std::string ipv4 = pod::text_of(network.addresses.ipv4.value());
  const std::string ipv6 = pod::text_of(network.addresses.ipv6.value());
  const std::string sentence = "network: " + ipv4 + ", " + ipv6 +
                               "; port 8080 of 192.0.2.1 → app:80; port 5353/UDP of the host → app:53\n";
  EXPECT_TRUE(pod.wait_for_err("podrun: " + sentence));
  EXPECT_TRUE(holds(text_of({"status", "web"}), "\n" + sentence));
  EXPECT_TRUE(holds(text_of({"ns", "web"}), "A     net: " + ipv4 + ", " + ipv6 + " (" + network.interface + ")\n"));
  EXPECT_TRUE(holds(text_of({"ns", "-o", "svg", "web"}), ipv6));
  const std::string shown = text_of({"network"});
  for (const std::string& words : {std::string("10.77.0.0/16"), ipv4 + ", " + ipv6, network.interface,
                                   std::string("192.0.2.1:8080->80/TCP, 5353->53/UDP"),
                                   std::string("changed for pods   net/ipv4/ip_forward, net/ipv6/conf/all/forwarding")})
    EXPECT_TRUE(holds(shown, words)) << words << "\n" << shown;
  const auto json = nlohmann::json::parse(text_of({"network", "-o", "json"}));
  EXPECT_EQ(json["pods"][0]["networks"][0]["ipv4"], ipv4);
  EXPECT_TRUE(holds(text_of({"network", "-o", "svg"}), ipv6));
  const std::string wide = text_of({"ps", "-o", "wide"});
  EXPECT_TRUE(holds(wide, ipv4 + "," + ipv6)) << wide;
  EXPECT_TRUE(holds(wide, network.interface)) << wide;
  EXPECT_TRUE(holds(text_of({"info"}), "network of pods        10.77.0.0/16, "));
  EXPECT_EQ(run(root_, {"stop", "web"}).status, 0);
  EXPECT_TRUE(holds(text_of({"network"}), "changed for pods   none\n"));
}

TEST_F(NetworkShown, WhatIsInTheWayIsNamedWithItsCure) {
  ASSERT_EQ(shell("nft add table ip filter && nft add chain ip filter FORWARD "
                  "'{ type filter hook forward priority filter; policy drop; }'")
                .status,
            0);
  const std::string shown = text_of({"network"});
  EXPECT_TRUE(holds(shown, "\nIn the way:\n  the policy of \"ip filter FORWARD\" is drop\n    ")) << shown;
  EXPECT_TRUE(holds(shown, "iptables -I FORWARD -i podrun+ -j ACCEPT")) << shown;
  EXPECT_TRUE(holds(text_of({"info"}), "→ in the way: the policy of \"ip filter FORWARD\" is drop\n"));
  EXPECT_EQ(shell("nft delete table ip filter").status, 0);
}

}  // namespace
}  // namespace podrun::test

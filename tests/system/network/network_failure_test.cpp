// What is in the way of a pod's network on the host: it is stepped around, or the start fails and leaves nothing.
#include "tests/system/network/lan.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

class NetworkFailure : public testing::Test {
 protected:
  /// The interface that the pod gets if nothing is in the way.
  std::string interface_of_plan() {
    const std::string plan = run(root_, {"plan", file_}).out;
    const auto at = plan.find("podrun", plan.find("\n  network"));
    return plan.substr(at, plan.find(' ', at) - at);
  }
  std::string interface_of_pod() {
    const auto record = wait_for_state(root_, "default_p", [](const auto& each) { return !each.networks.empty(); });
    return record.networks.at(0).interface;
  }
  void expect_refused(const std::string& sentence) {
    const HostSnapshot before = snapshot(root_);
    const Finished refused = run(root_, {"-d", file_});
    EXPECT_EQ(refused.status, 3);
    EXPECT_TRUE(holds(refused.err, sentence));
    EXPECT_EQ(changes(before, snapshot(root_)), "");
  }

  TemporaryRoot root_;
  Lan lan_;
  const std::string file_ = root_.write("p.yaml", two_sleepers("p"));
};

TEST_F(NetworkFailure, AForeignInterfaceOfThatNameLeavesThePodTheNextNumber) {
  const std::string planned = interface_of_plan();
  ASSERT_TRUE(planned.starts_with("podrun")) << planned;
  ASSERT_EQ(shell("ip link add " + planned + " type veth peer name foreign0").status, 0);
  ASSERT_EQ(run(root_, {"-d", file_}).status, 0);
  EXPECT_NE(interface_of_pod(), planned);
  EXPECT_EQ(run(root_, {"stop", "-t", "0", "p"}).status, 0);
  EXPECT_EQ(shell("ip link delete " + planned).status, 0) << "it is still there";
}

TEST_F(NetworkFailure, AForeignTableOfThatNameIsNotTouched) {
  const std::string planned = interface_of_plan();
  ASSERT_EQ(shell("nft add table netdev " + planned).status, 0);
  expect_refused("table netdev " + planned);
  EXPECT_EQ(shell("nft delete table netdev " + planned).status, 0) << "it is still there";
  EXPECT_EQ(run(root_, {"-d", file_}).status, 0) << "nothing is in the way any more";
  EXPECT_EQ(interface_of_pod(), planned);
  EXPECT_EQ(run(root_, {"stop", "-t", "0", "p"}).status, 0);
}

}  // namespace
}  // namespace podrun::test

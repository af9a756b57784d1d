// Hundreds of pods with networks that start and stop in any order, while supervisors and pauses are killed and starts
// fail: no address is given twice, and nothing is left.
#include <arpa/inet.h>
#include <signal.h>
#include <sys/socket.h>

#include <map>
#include <random>
#include <set>

#include <fmt/format.h>

#include "supervisor/state/state_file.hpp"
#include "tests/system/network/lan.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

constexpr int pods = 200;

std::string id_of(int number) { return fmt::format("default_m{}", number); }
std::string name_of(int number) { return fmt::format("m{}", number); }

class ManyNetworksUnderKill : public testing::Test {
 protected:
  /// Starts a pod that publishes a port of its own, or one that fails.
  Finished start(int number, int host_port) {
    const std::string ports = fmt::format("ports: [{{containerPort: 80, hostPort: {}}}]", host_port);
    const std::string text = manifest(name_of(number), {{.name = "a", .script = until_stopped, .fields = ports}});
    return run(root_, {"-d", root_.write(name_of(number) + ".yaml", text)});
  }
  void start_one(int number) {
    const Finished started = start(number, 10000 + number);
    ASSERT_EQ(started.status, 0) << started.err;
    const auto record = supervisor::read_state(root_.layout(), id_of(number));
    ASSERT_TRUE(record && record->networks.size() == 1);
    running_[number] = record->networks[0].interface;
    for (const pod::IpAddress& address : record->networks[0].addresses.list())
      EXPECT_TRUE(addresses_.emplace(pod::text_of(address), number).second) << pod::text_of(address);
  }
  void forget(int number) {
    running_.erase(number);
    std::erase_if(addresses_, [&](const auto& each) { return each.second == number; });
  }
  void stop_one(int number) {
    const Finished stopped = run(root_, {"stop", "-t", "0", name_of(number)});
    EXPECT_EQ(stopped.status, 0) << stopped.err;
    forget(number);
  }
  /// The pause dies, and with it the pod; what cannot end with it the next command removes.
  void kill_pause(int number) {
    const pid_t pause = processes_of(root_, id_of(number)).pause;
    ASSERT_EQ(::kill(pause, SIGKILL), 0);
    ASSERT_TRUE(wait_until_dead(pause));
    const Finished removed = run(root_, {"rm", name_of(number)});
    EXPECT_EQ(removed.status, 0) << removed.err;
    forget(number);
  }
  void kill_supervisor(int number) {
    const pid_t supervisor = processes_of(root_, id_of(number)).supervisor;
    ASSERT_GT(supervisor, 0);
    ASSERT_EQ(::kill(supervisor, SIGKILL), 0);
  }
  int any_running() {
    auto found = running_.begin();
    std::advance(found, random_() % running_.size());
    return found->first;
  }
  /// A port that another process has, and an interface that has the name of the pod's.
  void fail_once(int number) {
    const Fd taken(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(9000);
    ASSERT_EQ(::bind(taken.get(), reinterpret_cast<const sockaddr*>(&name), sizeof name), 0);
    ASSERT_EQ(::listen(taken.get(), 1), 0);
    const Finished failed = start(number, 9000);
    EXPECT_NE(failed.status, 0);
    EXPECT_TRUE(holds(failed.err, "9000"));
  }
  void start_beside_a_foreign_interface(int number) {
    start_one(number);
    const std::string interface = running_[number];
    stop_one(number);
    ASSERT_EQ(shell("ip link add " + interface + " type veth peer name foreign").status, 0);
    start_one(number);
    EXPECT_NE(running_[number], interface);
    EXPECT_EQ(shell("ip link delete " + interface).status, 0);
  }
  std::set<std::string> links() const {
    std::set<std::string> names;
    for (const std::string& name : lines_of(shell("ip -br link show | grep -o '^podrun[0-9]*'").out))
      names.insert(name);
    return names;
  }

  const TemporaryRoot root_;
  const Lan lan_;
  std::mt19937 random_{17};
  std::map<int, std::string> running_;     ///< the interface of each
  std::map<std::string, int> addresses_;  ///< whose each is
};

TEST_F(ManyNetworksUnderKill, NoAddressIsGivenTwiceAndNothingIsLeft) {
  const HostSnapshot before = snapshot(root_);
  for (int started = 0; running_.size() < pods && !HasFatalFailure(); ++started) {
    int number = static_cast<int>(random_() % pods);
    while (running_.contains(number)) number = (number + 1) % pods;
    if (started % 50 == 10)
      start_beside_a_foreign_interface(number);
    else
      start_one(number);
    if (started % 5 == 0) kill_supervisor(any_running());
    if (started % 7 == 0) stop_one(any_running());
    if (started % 40 == 20) kill_pause(any_running());
    if (started % 40 == 30) fail_once(pods + started);
  }
  std::set<std::string> interfaces;
  for (const auto& [number, interface] : running_) interfaces.insert(interface);
  EXPECT_EQ(interfaces.size(), pods);
  EXPECT_EQ(links(), interfaces);
  while (!running_.empty() && !HasFatalFailure()) {
    const int number = any_running();
    if (running_.size() % 20 == 10)
      kill_pause(number);
    else
      stop_one(number);
  }
  EXPECT_EQ(links(), std::set<std::string>{});
  EXPECT_EQ(shell("nft list tables | grep podrun").out, "");
  EXPECT_EQ(shell("ip route; ip -6 route").out.find("podrun"), std::string::npos);
  EXPECT_EQ(changes(before, snapshot(root_)), "");
}

}  // namespace
}  // namespace podrun::test

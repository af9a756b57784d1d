// The confinement of a unit: the unit itself restricts nothing, a drop-in can restrict much.
#include "tests/system/network/lan.hpp"
#include "tests/system/support/supervisor_killer.hpp"
#include "tests/vm/unit.hpp"

namespace podrun::test {
namespace {

/// A container that prints its rights, and waits.
const std::string introspection =
    "grep -E '^(Cap|NoNewPrivs|Seccomp)' /proc/self/status\nulimit -a\numask\ncut -d ' ' -f 5-6 "
    "/proc/self/mountinfo\n"
    "echo end\nexec sleep 1000";

std::string log_of(const std::string& pod) {
  PodRun logs({"/usr/bin/podrun", "logs", "-f", pod, "a"});
  EXPECT_TRUE(logs.wait_for_out("end\n"));
  return logs.out();
}

TEST(Confinement, AContainerInAUnitHasTheRightsOfOneStartedByHand) {
  Unit pod("unit", manifest("unit", {{"a", introspection}}, at_once));
  ASSERT_TRUE(pod.start());
  const std::string in_unit = log_of("unit");

  TemporaryRoot files;
  const std::string file = files.write("hand.yaml", manifest("hand", {{"a", introspection}}, at_once));
  EXPECT_EQ(command({"/usr/bin/podrun", "run", "-d", file}).status, 0);
  EXPECT_EQ(in_unit, log_of("hand"));
  EXPECT_EQ(command({"/usr/bin/podrun", "stop", "hand"}).status, 0);
}

TEST(Confinement, APodInAConfinedUnitRunsAndIsSupervised) {
  const std::string drop_in = contents_of("/usr/share/podrun/confined.conf");
  std::string web = contents_of(example("web"));
  web.replace(web.find("name: web"), 9, "name: confined");
  web.replace(web.find("hostPort: 8080"), 14, "hostPort: 8082");  // the unit `boot` has the other
  Unit pod("confined", web, drop_in.substr(drop_in.find("[Service]\n") + 10));
  ASSERT_TRUE(pod.start());
  EXPECT_TRUE(pod.wait_for_journal("visitor | Hello from confined, it is "));
  EXPECT_TRUE(holds(fetched("http://127.0.0.1:8082"), "Hello from confined"));  // by podrun-forwarder
  EXPECT_TRUE(SupervisorKiller(pod.main_process()).kill_next());
  EXPECT_TRUE(pod.wait_for_journal("took over 3 containers"));
  EXPECT_EQ(pod.systemctl("stop").status, 0);
  EXPECT_EQ(pod.property("Result"), "success");
}

}  // namespace
}  // namespace podrun::test

// What only a podrun with all capabilities can do: raise limits.
#include <sys/resource.h>

#include "tests/vm/unit.hpp"

namespace podrun::test {
namespace {

TEST(Limits, AHardLimitOfTheCallersReachesNoContainer) {
  TemporaryRoot files;
  const std::string file = files.write("hard.yaml", manifest("hard", {{"a", "ulimit -Sn; ulimit -Hn; ulimit -Hc; exec sleep 1000"}}, at_once));
  const rlimit few{200, 200}, none{0, 0};
  PodRun start({"/usr/bin/podrun", "-d", file}, {.before_exec = [&] {
                 ::setrlimit(RLIMIT_NOFILE, &few);
                 ::setrlimit(RLIMIT_CORE, &none);
               }});
  EXPECT_EQ(start.wait_exit(), 0) << start.err();
  PodRun logs({"/usr/bin/podrun", "logs", "-f", "hard", "a"});
  EXPECT_TRUE(logs.wait_for_out("1024\n1048576\nunlimited\n")) << logs.out();
  EXPECT_EQ(command({"/usr/bin/podrun", "stop", "hard"}).status, 0);
}

}  // namespace
}  // namespace podrun::test

// What podrun can do only with all capabilities: raise limits, and protect its own processes from the out-of-memory
// killer.
#include <sys/resource.h>

#include <algorithm>

#include "tests/system/support/supervisor_killer.hpp"
#include "tests/vm/unit.hpp"

namespace podrun::test {
namespace {

TEST(Limits, OnlyPodrunsProcessesAreSparedByTheOomKiller) {
  Unit pod("score", sleepers("score"));
  ASSERT_TRUE(pod.start());
  const pid_t pause = pod.main_process();
  SupervisorKiller killer(pause);
  ASSERT_TRUE(killer.kill_next());
  ASSERT_TRUE(pod.wait_for_journal("took over 2 containers"));
  const auto children = children_of(pause);
  const auto supervisor = std::ranges::find(children, "podrun", comm_of);
  ASSERT_NE(supervisor, children.end());
  EXPECT_EQ(proc_file(*supervisor, "oom_score_adj"), "-999\n") << "a later one";
  EXPECT_EQ(proc_file(pause, "oom_score_adj"), "-999\n");
  for (const std::string container : {"a", "b"})
    for (const pid_t process : pod.processes(container))
      EXPECT_EQ(proc_file(process, "oom_score_adj"), "0\n") << container;
  EXPECT_EQ(command({"/usr/bin/podrun", "exec", "score/a", "--", "cat", "/proc/self/oom_score_adj"}).out, "0\n");
}

TEST(Limits, AHardLimitOfTheCallersReachesNoContainer) {
  TemporaryRoot files;
  const std::string file = files.write(
      "hard.yaml", manifest("hard", {{"a", "ulimit -Sn; ulimit -Hn; ulimit -Hc; exec sleep 1000"}}, at_once));
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

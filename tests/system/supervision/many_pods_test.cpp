// Many starts at once, of one name and of many names, and a manifest that changes while its pod runs.
#include <signal.h>

#include <filesystem>
#include <list>

#include <fmt/format.h>

#include "tests/system/support/supervisor_killer.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

/// Starts the same name several times at once, in several rounds.
void race(int rounds) {
  constexpr int starters = 4;
  const TemporaryRoot root;
  const std::string path = root.write("pod.yaml", manifest("pod", {{"a", until_stopped}}));
  const HostSnapshot before = snapshot(root);
  for (int round = 0; round < rounds && !testing::Test::HasFailure(); ++round) {
    SCOPED_TRACE(round);
    std::list<PodRun> starts;
    for (int starter = 0; starter < starters; ++starter)
      starts.emplace_back(root, std::vector<std::string>{"-d", path});
    int started = 0;
    for (PodRun& start : starts) {
      const int status = start.wait_exit();
      if (status == 0) {
        ++started;
        EXPECT_EQ(start.out() + start.err(), "pod\n");
      } else {
        EXPECT_EQ(status, 4);
        EXPECT_TRUE(
            matches(without_root(start.err(), root),
                    "^podrun: pod pod already runs.*; stop it with: podrun stop pod; or replace it "
                    "with: podrun run --replace FILE\n$"));
      }
    }
    EXPECT_EQ(started, 1);
    EXPECT_EQ(processes_of(root, "default_pod").containers.size(), 1U);
    EXPECT_EQ(run(root, {"stop", "pod", "--grace-period", "0"}).status, 0);
    EXPECT_EQ(changes(before, snapshot(root)), "");
  }
}

TEST(SimultaneousStarts, APodStartedFourTimesAtOnceRunsOnce) {
  race(5);
}

TEST(ManyPods, APodStartedFourTimesAtOnceRunsOnceInThirtyRounds) {
  race(30);
}

TEST(ManyPods, FiftyPodsStartAndStopAtOnce) {
  constexpr int count = 50;
  const TemporaryRoot root;
  const HostSnapshot before = snapshot(root);
  std::list<PodRun> pods;
  for (int number = 0; number < count; ++number) {
    const std::string name = fmt::format("pod{}", number);
    const std::string path =
        root.write(name + ".yaml", manifest(name, {{"a", ready_until_stopped}, {"b", ready_until_stopped}}));
    pods.emplace_back(root, std::vector<std::string>{path});
  }
  for (PodRun& pod : pods) EXPECT_TRUE(pod.wait_for_out("| ready", 2));
  EXPECT_TRUE(holds(run(root, {"ps"}).out, "pod49"));
  for (PodRun& pod : pods) pod.signal(SIGTERM);
  for (PodRun& pod : pods) EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_EQ(changes(before, snapshot(root)), "");
}

// podrun uses the copy of the manifest that it made at the start.
TEST(Manifest, AChangedManifestTakesEffectAtTheNextStart) {
  const TemporaryRoot root;
  const auto write = [&](const std::string& word) {
    return root.write("pod.yaml",
                      manifest("pod", {{"a", "trap 'exit 0' TERM\necho " + word + "\nsleep 1000 & wait $!"}},
                               "restartPolicy: Always"));
  };
  PodRun first(root, {write("one")});
  ASSERT_TRUE(first.wait_for_out("a | one"));
  write("two");
  const Processes processes = processes_of(root, "default_pod");
  ASSERT_TRUE(SupervisorKiller(first.pid()).kill_next());
  ASSERT_TRUE(first.wait_for_err("took over"));
  end_descendant(processes["a"]);
  EXPECT_TRUE(first.wait_for_out("a | one", 2));
  first.signal(SIGTERM);
  EXPECT_EQ(first.wait_exit(), 0);
  EXPECT_EQ(first.out().find("two"), std::string::npos);

  PodRun second(root, {root / "pod.yaml"});
  EXPECT_TRUE(second.wait_for_out("a | two"));
}

}  // namespace
}  // namespace podrun::test

// A supervisor is killed while its pod stops. Each container is nevertheless sent TERM once, and has its grace period.
#include <signal.h>

#include <filesystem>
#include <random>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tests/system/support/supervisor_killer.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

class StopKill : public testing::Test {
 protected:
  /// A pod whose containers count the TERMs that they get, for so long after the first one, and then exit with 7.
  std::string write(const std::vector<std::string>& containers, std::chrono::milliseconds length) {
    std::vector<ContainerText> texts;
    for (const std::string& name : containers)
      texts.push_back({name, "", fmt::format("command: [podrun-probe, terms, '{}', '7']", length.count()), image_});
    return root_.write("pod.yaml", manifest("pod", texts, "restartPolicy: Always\nterminationGracePeriodSeconds: 4"));
  }
  /// The log of a container without time stamps.
  std::string log_of(const std::string& container) const {
    std::string log;
    for (const auto& run : fs::directory_iterator(root_.layout().logs()))
      for (const std::string& line : lines_of(contents_of(run.path() / container / "0.log")))
        log += line.substr(line.find(' ') + 1) + "\n";
    return log;
  }
  void expect_graceful_end(PodRun& pod, const std::vector<std::string>& containers) {
    EXPECT_EQ(pod.wait_exit(soon() + 20s), 0) << pod.err();
    for (const std::string& name : containers)
      EXPECT_EQ(log_of(name), "stdout F ready\nstdout F asked\nstdout F terms: 1\n") << name << "\n" << pod.err();
    EXPECT_EQ(exit_codes(), std::vector<int>(containers.size(), 7)) << pod.err();
  }
  /// The statuses of the containers of the pod, which has ended.
  std::vector<int> exit_codes() const {
    std::vector<int> codes;
    for (const auto& run : fs::directory_iterator(root_.layout().logs())) {
      const auto pod = nlohmann::json::parse(contents_of(run.path() / "status.json"), nullptr, false);
      if (!pod.is_object()) continue;
      for (const auto& container : pod.at("status").at("containerStatuses"))
        codes.push_back(container.at("state").at("terminated").at("exitCode").get<int>());
    }
    return codes;
  }

  TemporaryRoot root_;
  std::string image_ = "rootfs:" + root_.make_rootfs("image");
};

TEST_F(StopKill, KilledSupervisorsLeaveAContainerItsGracePeriod) {
  const std::string trap =
      "trap 'echo trapped; sleep 2; exit 7' TERM\necho ready\nwhile :; do sleep 1000 & wait $!; done";
  const std::string spec = "restartPolicy: Always\nterminationGracePeriodSeconds: 4";
  PodRun pod(root_, {root_.write("pod.yaml", manifest("pod", {{"a", trap}}, spec))});
  ASSERT_TRUE(pod.wait_for_out("ready"));
  pod.signal(SIGTERM);
  ASSERT_TRUE(pod.wait_for_out("trapped"));
  SupervisorKiller killer(pod.pid());
  for (int kill = 1; kill <= 3; ++kill) {
    ASSERT_TRUE(killer.kill_next());
    ASSERT_TRUE(pod.wait_for_err("took over", kill));
  }
  EXPECT_EQ(pod.wait_exit(), 0) << pod.err();
  EXPECT_EQ(log_of("a"), "stdout F ready\nstdout F trapped\n");
  EXPECT_EQ(exit_codes(), std::vector<int>{7});
}

TEST_F(StopKill, TheNextSupervisorSendsNoSecondSigterm) {
  PodRun pod(root_, {write({"a", "b"}, 500ms)});
  ASSERT_TRUE(pod.wait_for_out("ready", 2));
  pod.signal(SIGTERM);
  ASSERT_TRUE(pod.wait_for_out("asked", 2));
  ASSERT_TRUE(SupervisorKiller(pod.pid()).kill_next());
  ASSERT_TRUE(pod.wait_for_err("took over"));
  expect_graceful_end(pod, {"a", "b"});
}

class StopsUnderKill : public StopKill {};

TEST_F(StopsUnderKill, FiveHundredKillsSendEachContainerOneSigterm) {
  const unsigned seed = std::random_device()();
  SCOPED_TRACE(fmt::format("seed {}", seed));
  std::mt19937 random(seed);
  const auto draw = [&](int least, int most) {
    return std::chrono::microseconds(std::uniform_int_distribution(least, most)(random));
  };
  const std::vector<std::string> containers{"a", "b", "c"};
  const std::string path = write(containers, 150ms);
  for (int kills = 0; kills < 500 && !HasFailure();) {
    PodRun pod(root_, {path});
    ASSERT_TRUE(pod.wait_for_out("ready", 3));
    pod.signal(SIGTERM);
    // The first is killed as it learns of the stop or sends the signals. One or two of its successors are killed, too.
    SupervisorKiller killer(pod.pid());
    while (killer.kill_next(draw(0, 2'000)) && killer.kill_next(draw(5'000, 40'000)) &&
           killer.kill_next(draw(0, 20'000))) {
    }
    kills += killer.kills();
    expect_graceful_end(pod, containers);
    fs::remove_all(root_.layout().logs());
  }
}

}  // namespace
}  // namespace podrun::test

// Register, then open the gate: a supervisor killed at any instant of a launch, an exit or an adoption leaves
// no instance that ran twice, none that was lost, no exit code wrong, no two of a container at once.
#include <unistd.h>

#include <filesystem>
#include <random>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "tests/system/supervisor_hunt.hpp"
#include "tests/system/support.hpp"

namespace podrun::test {
namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

constexpr int containers = 12;
constexpr std::chrono::microseconds longest_adoption = 100ms;

std::string name_of(int container) {
  return fmt::format("c{}", container);
}
int code_of(int container) {
  return 21 + container;
}

/// Short pods, one after the other, whose supervisors are killed until there were enough kills.
class LaunchKill {
 public:
  explicit LaunchKill(int kills) {
    const unsigned seed = std::random_device()();
    SCOPED_TRACE(fmt::format("seed {}", seed));
    random_.seed(seed);
    for (bool restarts = true; kills_ < kills && !testing::Test::HasFailure(); restarts = !restarts) {
      run_one(restarts);
      check(restarts ? 2 : 1);
    }
  }

 private:
  /// Each container of a pod that RESTARTS fails once and then succeeds; of one that does not, each has a
  /// code of its own.
  std::string write(bool restarts) {
    std::vector<ContainerText> texts;
    for (int container = 0; container < containers; ++container) {
      const std::string codes = restarts ? "'11', '0'" : fmt::format("'{}'", code_of(container));
      texts.push_back({name_of(container), "",
                       fmt::format("command: [podrun-probe, instance, /runs, {}, {}]\n"
                                   "volumeMounts: [{{name: runs, mountPath: /runs}}]",
                                   name_of(container), codes),
                       image_});
    }
    return root_.write(
        "pod.yaml",
        manifest("pod", texts,
                 fmt::format("restartPolicy: {}\nvolumes: [{{name: runs, hostPath: {{path: {}}}}}]",
                             restarts ? "OnFailure" : "Never", runs_)));
  }

  void run_one(bool restarts) {
    fs::remove_all(runs_);
    fs::remove_all(root_.layout().logs());
    fs::create_directory(runs_);
    PodRun pod(root_, {write(restarts)});
    SupervisorHunt hunt(pod.pid());
    // Two in a row that die before they have adopted make the pause wait longer: so one early, one late.
    while (hunt.kill_next(draw(0us, adoption_))) {
      adoption_ =
          hunt.predecessor_had_adopted() ? adoption_ * 9 / 10 : std::min(adoption_ * 2, longest_adoption);
      if (!hunt.kill_next(draw(adoption_, 2 * adoption_))) break;
    }
    EXPECT_EQ(pod.wait_exit(soon() + 20s), restarts ? 0 : 1) << pod.err();
    kills_ += hunt.kills();
    said_ = pod.out() + pod.err();
  }

  std::chrono::microseconds draw(std::chrono::microseconds least, std::chrono::microseconds most) {
    return std::chrono::microseconds(std::uniform_int_distribution(least.count(), most.count())(random_));
  }

  /// Every run has one log, every log one run, and the end is told as it was.
  void check(int instances) const {
    const fs::path logs = fs::directory_iterator(root_.layout().logs())->path();
    const auto status =
        nlohmann::json::parse(contents_of(logs / "status.json")).at("status").at("containerStatuses");
    for (int container = 0; container < containers; ++container) {
      SCOPED_TRACE(name_of(container));
      const auto runs = lines_of(contents_of(runs_ + "/" + name_of(container) + ".runs"));
      EXPECT_EQ(runs.size(), static_cast<std::size_t>(instances));
      EXPECT_FALSE(fs::exists(runs_ + "/" + name_of(container) + ".overlaps"));
      for (std::size_t instance = 0; instance < runs.size(); ++instance) {
        const auto log = lines_of(contents_of(logs / name_of(container) / fmt::format("{}.log", instance)));
        ASSERT_EQ(log.size(), 1U) << "of instance " << instance << "\n" << said_;
        EXPECT_TRUE(log[0].ends_with(" stdout F " + runs[instance])) << log[0];
      }
      const auto& told = status.at(static_cast<std::size_t>(container));
      EXPECT_EQ(told.at("restartCount"), instances - 1);
      EXPECT_EQ(told.at("state").at("terminated").at("exitCode"), instances == 2 ? 0 : code_of(container));
    }
  }

  TemporaryRoot root_;
  std::string image_ = "rootfs:" + root_.make_rootfs("image");
  std::string runs_ = root_ / "runs";
  std::mt19937 random_;
  std::chrono::microseconds adoption_{20'000};  // what it takes here and now; learnt
  int kills_ = 0;
  std::string said_;
};

TEST(LaunchKill, ThirtyKillsCostNoInstanceAndDoubleNone) {
  LaunchKill pods(30);
}

// Some of the instants are a few microseconds long.
TEST(LaunchesUnderKill, FourHundredKillsCostNoInstanceAndDoubleNone) {
  if (::geteuid() != 0) GTEST_SKIP() << "needs root";
  LaunchKill pods(400);
}

}  // namespace
}  // namespace podrun::test

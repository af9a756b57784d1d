// The pause is at its limit of open files, and cannot hold another log file.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include <fmt/format.h>

#include "supervisor/logs/log_files.hpp"
#include "supervisor/logs/log_retention.hpp"
#include "tests/supervisor/directory_handles.hpp"
#include "tests/system/support/supervisor_killer.hpp"
#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

using supervisor::find_logs;
using supervisor::LogFileStat;

/// The output of the probe's `flood`.
std::string flooded(int count) {
  std::string text;
  for (int number = 0; number < count; ++number) {
    text += fmt::format("{} ", number);
    text.append(static_cast<std::size_t>(number % 100), 'x') += '\n';
  }
  return text + "end\n";
}

class RefusedRotation : public testing::Test {
 protected:
  // The first flood makes a rotation due.
  static constexpr int first_flood = 150'000, second_flood = 1000;

  void SetUp() override {
    ::mkfifo((root_ / "go").c_str(), 0600);
    const std::string flood = "read word < /go; podrun-probe flood /nothing ";
    const std::string path = root_.write(
        "pod.yaml",
        manifest("pod",
                 {{"a", fmt::format("{}{}\n{}{}\nsleep 1000", flood, first_flood, flood, second_flood),
                   "volumeMounts: [{name: go, mountPath: /go}]", "rootfs:" + root_.make_rootfs("image")}},
                 fmt::format("volumes: [{{name: go, hostPath: {{path: {}}}}}]", root_ / "go")));
    const Finished started = run(root_, {"-d", path});
    ASSERT_EQ(started.status, 0) << started.err;
    pod_ = processes_of(root_, "default_pod");
    run_folder_ = root_.layout().logs_of("default_pod", state().uid);
  }

  supervisor::PodRecord state() {
    return wait_for_state(root_, "default_pod", [](const supervisor::PodRecord&) { return true; });
  }
  /// As many rotated files as are kept, each with one line.
  void add_old_files() const {
    for (std::size_t i = 1; i < supervisor::kept_files; ++i)
      std::ofstream(fmt::format("{}/a/0.log.20200101-00000{}.000000000", run_folder_, i))
          << fmt::format("2020-01-01T00:00:00.000000000Z stdout F old {}\n", i);
  }
  std::vector<off_t> sizes() const {
    std::vector<off_t> sizes;
    for (const LogFileStat& log : find_logs(*supervisor::held(run_folder_ + "/a"))) sizes.push_back(log.size);
    return sizes;
  }
  /// The pause cannot take another descriptor. poll(2) has the same limit, and those that it waits for are fewer.
  void limit_pause() {
    ASSERT_EQ(::prlimit(pod_.pause, RLIMIT_NOFILE, nullptr, &former_), 0);
    const rlimit few{8, former_.rlim_max};
    ASSERT_EQ(::prlimit(pod_.pause, RLIMIT_NOFILE, &few, nullptr), 0);
  }
  void unlimit_pause() const { ASSERT_EQ(::prlimit(pod_.pause, RLIMIT_NOFILE, &former_, nullptr), 0); }
  /// Kills the supervisor before it can try again what the pause has refused.
  void kill_supervisor_as_it_is() const {
    ASSERT_EQ(::kill(pod_.supervisor, SIGSTOP), 0);
    unlimit_pause();
    ASSERT_EQ(::kill(pod_.supervisor, SIGKILL), 0);
  }
  std::string messages() const { return contents_of(run_folder_ + "/podrun.log"); }

  TemporaryRoot root_;
  Processes pod_;
  std::string run_folder_;

 private:
  rlimit former_{};
};

TEST_F(RefusedRotation, LosesNoLineWhenTheSupervisorIsKilled) {
  PodRun follower(root_, {"logs", "-f", "pod", "a"});
  limit_pause();
  root_.write("go", "go\n");
  ASSERT_TRUE(follower.wait_for_out("end\n"));
  kill_supervisor_as_it_is();
  root_.write("go", "go\n");
  ASSERT_TRUE(follower.wait_for_out("end\n", 2));
  const std::string expected = flooded(first_flood) + flooded(second_flood);
  EXPECT_TRUE(follower.out() == expected) << follower.out().size() << " bytes";
  EXPECT_TRUE(run(root_, {"logs", "pod", "a"}).out == expected);
  EXPECT_EQ(run(root_, {"stop", "--grace-period", "0", "pod"}).status, 0);
}

TEST_F(RefusedRotation, RemovesNoFileAndIsMadeUpFor) {
  add_old_files();
  PodRun follower(root_, {"logs", "-f", "pod", "a"});
  limit_pause();
  root_.write("go", "go\n");
  ASSERT_TRUE(follower.wait_for_out("end\n"));
  const std::vector<off_t> grown = sizes();
  EXPECT_EQ(grown.size(), supervisor::kept_files) << "no old file is removed";
  EXPECT_GT(grown.back(), supervisor::largest_log) << "the newest grows";
  const std::string words = messages();
  EXPECT_NE(words.find("the pause has no room"), std::string::npos) << words;
  EXPECT_EQ(words.find("the pause has no room"), words.rfind("the pause has no room")) << "it is said once";

  unlimit_pause();
  root_.write("go", "go\n");
  ASSERT_TRUE(follower.wait_for_out("end\n", 2));
  const std::vector<off_t> rotated = sizes();
  EXPECT_EQ(rotated.size(), supervisor::kept_files) << "the oldest is removed";
  EXPECT_EQ(rotated[rotated.size() - 2], grown.back());
  const std::string expected = "old 2\nold 3\nold 4\n" + flooded(first_flood) + flooded(second_flood);
  EXPECT_TRUE(run(root_, {"logs", "pod", "a"}).out == expected);
  EXPECT_TRUE(follower.out() == "old 1\n" + expected) << follower.out().size() << " bytes";
  EXPECT_EQ(run(root_, {"stop", "--grace-period", "0", "pod"}).status, 0);
}

}  // namespace
}  // namespace podrun::test

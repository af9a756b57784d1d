// Descriptors do not leak: the pause and the supervisor have as many after the 25th restart of a container as after the
// fifth, and as many with the fifth supervisor as with the second.
#include <sys/stat.h>

#include <filesystem>
#include <functional>
#include <map>
#include <regex>

#include <fmt/format.h>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

using supervisor::ContainerState;
using supervisor::PodRecord;

/// The number of a process's descriptors of each kind. Numbers of pipes, of instances and the like are left out.
using Kinds = std::map<std::string, int>;
Kinds kinds_open_in(pid_t pid) {
  static const std::regex number("[0-9]+");
  Kinds kinds;
  for (const auto& [fd, target] : descriptors_of(pid)) ++kinds[std::regex_replace(target, number, "N")];
  return kinds;
}

/// A pod with one container, whose instances end at once. Only the instances 5 and 25 wait until the test writes a
/// word.
class Descriptors : public testing::Test {
 protected:
  Descriptors() {
    std::filesystem::create_directory(root_ / "v");
    ::mkfifo((root_ / "v/go").c_str(), 0600);
    const std::string script =
        "n=$(cat /v/n || echo 0); echo $((n + 1)) > /v/n\n"
        "case $n in 5|25) read word < /v/go;; esac\nexit 1";
    const std::string annotations =
        "annotations: {podrun.io/backoff-initial: 10ms, podrun.io/backoff-max: 10ms}\n  name: pod";
    std::string text =
        manifest("pod", {{"c", script, "volumeMounts: [{name: v, mountPath: /v}]"}},
                 "restartPolicy: Always\nvolumes: [{name: v, hostPath: {path: " + root_ / "v" + "}}]");
    text.replace(text.find("name: pod"), 9, annotations);
    EXPECT_EQ(run(root_, {"-d", root_.write("pod.yaml", text)}).status, 0);
  }

  /// The pod, once the instance of this number waits and the supervisor is idle.
  PodRecord at_instance(int number) {
    const PodRecord record = wait_for_state(root_, "default_pod", [&](const PodRecord& now) {
      const auto& container = now.status.containers[0];
      return container.instance == number && container.state == ContainerState::Running;
    });
    wait_until([&] { return is_idle(record.supervisor); });
    return record;
  }
  /// Waits until the numbers are equal, because some work may still be in progress. A leak does not go away.
  static void expect_descriptors(pid_t pid, const Kinds& expected) {
    const Deadline deadline = soon();
    while (kinds_open_in(pid) != expected && std::chrono::steady_clock::now() < deadline) continue;
    EXPECT_EQ(kinds_open_in(pid), expected);
  }

  TemporaryRoot root_;

 private:
  static void wait_until(const std::function<bool()>& there) {
    const Deadline deadline = soon();
    while (!there()) ASSERT_LT(std::chrono::steady_clock::now(), deadline);
  }
  /// Whether it sleeps and has no helpers.
  static bool is_idle(pid_t supervisor) { return children_of(supervisor).empty() && state_of(supervisor) == 'S'; }
};

TEST_F(Descriptors, RestartsLeakNoDescriptors) {
  const PodRecord early = at_instance(5);
  const Kinds pause = kinds_open_in(early.pause), supervisor = kinds_open_in(early.supervisor);
  root_.write("v/go", "go\n");
  const PodRecord late = at_instance(25);
  expect_descriptors(late.pause, pause);
  expect_descriptors(late.supervisor, supervisor);
}

}  // namespace
}  // namespace podrun::test

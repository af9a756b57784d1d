// The phase of a pod for the statuses with which the kubelet's getPhase is tested: pkg/kubelet/kubelet_pods_test.go.
#include <gtest/gtest.h>

#include <string_view>

#include "tests/supervisor/lifecycle/lifecycle_words.hpp"

namespace podrun::supervisor {
namespace {

/// Letters: w waiting, r running, s running and started, 0 succeeded, 1 failed for good, b waits after a success,
/// B waits after a failure.
ContainerStatus status_of(char letter) {
  ContainerStatus status;
  if (letter == 'w') return status;
  status.instance = 0;
  status.ever_started = true;
  status.started = BootTime(1s);
  status.is_started = letter == 's';
  status.state = letter == 'r' || letter == 's' ? ContainerState::Running
                 : letter == '0'                ? ContainerState::Completed
                 : letter == '1'                ? ContainerState::Failed
                                                : ContainerState::Backoff;
  if (letter == '0' || letter == 'b') status.last = Termination{.exit_code = 0, .reason = "Completed"};
  if (letter == '1' || letter == 'B') status.last = Termination{.exit_code = 1, .reason = "Error"};
  return status;
}

/// The containers, e.g. "i0 sr a1 aw": the role, then the letter.
Phase phase_of(std::string_view containers) {
  PodStatus status;
  std::vector<ContainerRole> roles;
  for (std::size_t at = 0; at + 1 < containers.size(); at += 3) {
    roles.push_back(containers[at] == 'i'   ? ContainerRole::Init
                    : containers[at] == 's' ? ContainerRole::Sidecar
                                            : ContainerRole::App);
    status.containers.push_back(status_of(containers[at + 1]));
  }
  return phase(status, roles);
}

struct Row {
  std::string_view containers;
  Phase phase;
  std::string_view test;  ///< its name there
};

void expect_rows(const std::vector<Row>& rows) {
  for (const Row& row : rows) EXPECT_EQ(phase_of(row.containers), row.phase) << row.containers << ": " << row.test;
}

using enum Phase;

TEST(PhaseTable, OfAppContainers) {
  expect_rows({{"aw aw", Pending, "waiting"},
               {"ar ar", Running, "all running"},
               {"ab ab", Running, "all stopped with restart always"},
               {"ar ab", Running, "mixed state #1 with restart always"},
               {"ar aw", Pending, "mixed state #2 with restart always"},
               {"ar aB", Running, "backoff crashloop container with restart always"},
               {"a0 a0", Succeeded, "all succeeded with restart never"},
               {"a1 a1", Failed, "all failed with restart never"},
               {"ar a0", Running, "mixed state #1 with restart never"},
               {"ar aw", Pending, "mixed state #3 with restart never"},
               {"aB aB", Running, "all failed with restart onfailure"},
               {"a0 aB", Running, "one succeeded, one in back-off"},
               {"a0 a1", Failed, "one succeeded, one failed for good"},
               {"aw a0", Pending, "one waits, one succeeded"}});
}

TEST(PhaseTable, OfInitContainers) {
  expect_rows({{"iw aw aw", Pending, "empty, waiting"},
               {"ir aw aw", Pending, "init container running"},
               {"i1 aw aw", Failed, "init container terminated non-zero"},
               {"ib aw aw", Pending, "init container waiting, terminated zero"},
               {"iB aw aw", Pending, "init container waiting, terminated non-zero, restarted"},
               {"i0 ar ar", Running, "init container succeeded"},
               {"i0 ar aw", Pending, "init container succeeded, one app container waits"},
               {"ir a1 a1", Pending, "init container running again, apps stopped"},
               {"i1 ar ar", Failed, "one init container failed although apps run"}});
}

TEST(PhaseTable, OfSidecars) {
  expect_rows({{"sw aw aw", Pending, "restartable init container waiting"},
               {"sr aw aw", Pending, "restartable init container running"},
               {"ss aw aw", Pending, "restartable init container started"},
               {"sB aw aw", Pending, "restartable init container waiting, terminated non-zero"},
               {"ss ar aw", Pending, "restartable init container started, one main container running"},
               {"ss ar ar", Running, "restartable init container started, main containers running"},
               {"sr ar ar", Running, "restartable init container re-running, main containers running"},
               {"sB ar ar", Running, "backoff crashloop restartable init container, main containers running"},
               {"ss a0 a0", Running, "restartable init container started, main containers succeeded"},
               {"sr a0 a0", Running, "restartable init container re-running, main containers succeeded"},
               {"s0 a0 a0", Succeeded, "all containers succeeded"},
               {"s1 a0 a0", Succeeded, "restartable init container terminated non-zero, main containers succeeded"},
               {"sb a0 a0", Succeeded, "backoff crashloop restartable init container, main containers succeeded"},
               {"sB a0 a0", Succeeded, "backoff crashloop with non-zero restartable init container, apps succeeded"},
               {"s0 a1 a0", Failed, "how a sidecar ends does not count"}});
}

TEST(PhaseTable, OfInitContainersAndSidecars) {
  expect_rows({{"ir sr ar", Pending, "regular init container, restartable init container and app are all running"},
               {"ir sr a1", Pending, "app is stopped, restartable and regular init container are both running"},
               {"i0 sr ab", Running, "regular init container is succeeded, restartable one runs, app is stopped"},
               {"i0 sr ar", Running, "regular init container is succeeded, restartable one and app run"},
               {"i1 ss aw", Failed, "regular init container has failed"}});
}

TEST(PhaseTable, AnAppContainerThatIsToBeStartedAnewHasNotInitialisedItsPod) {
  PodStatus status{.containers = {status_of('r'), status_of('1')}};
  status.containers[1].state = ContainerState::Waiting;
  EXPECT_EQ(phase(status, std::vector{ContainerRole::Sidecar, ContainerRole::App}), Phase::Pending);
}

}  // namespace
}  // namespace podrun::supervisor

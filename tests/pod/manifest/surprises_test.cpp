// Warnings where the lifecycle of a valid manifest surprises. Each is given at its place; what is usual is not warned of.
#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "tests/pod/manifests.hpp"
#include "tests/pod/readings.hpp"

namespace podrun::pod {
namespace {

/// The warnings about a container, each as "LINE:COLUMN MESSAGE (HINT)". The container's lines begin on line 9, or on
/// line 10 if there is a line of the spec.
Lines warnings(std::string_view container, std::string_view spec = "") {
  const Manifests manifests = read({manifest({.spec = spec, .container = container})});
  EXPECT_TRUE(has_no_errors(manifests)) << testing::PrintToString(said(manifests));
  Lines lines = loud(manifests);
  constexpr std::string_view before = "1:", word = "warning: container \"app\": ";
  for (std::string& line : lines) {
    const auto at = line.find(word);
    if (at != line.npos) line.erase(at, word.size()).erase(0, before.size());
  }
  return lines;
}

const Lines none;

TEST(Surprises, AProbeThatIsTriedOnceAtTheStartIsWarnedOf) {
  const std::string hint = " (failureThreshold or initialDelaySeconds gives it time)";
  EXPECT_EQ(warnings("    startupProbe: {exec: {command: [a]}, failureThreshold: 1}\n"),
            Lines{"9:19 the startupProbe is tried at once after the start, and its first failure ends the container" +
                  hint});
  EXPECT_EQ(warnings("    livenessProbe: {exec: {command: [a]}, failureThreshold: 1}\n"),
            Lines{"9:20 the livenessProbe is tried at once after the start, and its first failure ends the container" +
                  hint});
  EXPECT_EQ(warnings("    livenessProbe: {exec: {command: [a]}, failureThreshold: 1, initialDelaySeconds: 1}\n"), none);
  EXPECT_EQ(warnings("    livenessProbe: {exec: {command: [a]}, failureThreshold: 2}\n"), none);
  EXPECT_EQ(warnings("    readinessProbe: {exec: {command: [a]}, failureThreshold: 1}\n"), none);
  EXPECT_EQ(warnings("    startupProbe: {exec: {command: [a]}}\n"
                     "    livenessProbe: {exec: {command: [a]}, failureThreshold: 1}\n"),
            none)
      << "the livenessProbe begins when the container has started";
}

TEST(Surprises, ALivenessProbeThatEndsWhatIsNotReadyYetIsWarnedOf) {
  const auto probes = [](std::string_view liveness, int delay, std::string_view more = "") {
    return warnings(fmt::format("    livenessProbe: {{exec: {{command: [a]}}{}}}\n"
                                "    readinessProbe: {{exec: {{command: [a]}}, initialDelaySeconds: {}}}\n{}",
                                liveness, delay, more));
  };
  EXPECT_EQ(probes("", 21),
            Lines{"9:20 the livenessProbe can end the container 20 s after its start, before the readinessProbe is "
                  "tried first, after 21 s (a startupProbe holds both back until the container has started)"});
  EXPECT_EQ(probes("", 20), none);
  EXPECT_EQ(probes(", initialDelaySeconds: 5", 25), none);
  EXPECT_EQ(probes(", periodSeconds: 30", 60), none);
  EXPECT_EQ(probes("", 60, "    startupProbe: {exec: {command: [a]}}\n"), none);
}

TEST(Surprises, APodThatIsNeverReadyIsWarnedOf) {
  constexpr std::string_view deadline = "  activeDeadlineSeconds: 60\n";
  EXPECT_EQ(warnings("    readinessProbe: {exec: {command: [a]}, initialDelaySeconds: 60}\n", deadline),
            Lines{"10:21 the pod is never ready: the readinessProbe can succeed 60 s after the start of the container, "
                  "and activeDeadlineSeconds ends the pod after 60 s"});
  EXPECT_EQ(warnings("    readinessProbe: {exec: {command: [a]}, successThreshold: 7}\n", deadline).size(), 1U);
  EXPECT_EQ(warnings("    readinessProbe: {exec: {command: [a]}}\n"
                     "    startupProbe: {exec: {command: [a]}, initialDelaySeconds: 90}\n",
                     deadline)
                .size(),
            1U);
  EXPECT_EQ(warnings("    readinessProbe: {exec: {command: [a]}, initialDelaySeconds: 59}\n", deadline), none);
  EXPECT_EQ(warnings("    readinessProbe: {exec: {command: [a]}, initialDelaySeconds: 60}\n"), none);
}

TEST(Surprises, APreStopWithoutGraceIsWarnedOf) {
  EXPECT_EQ(warnings("    lifecycle: {preStop: {exec: {command: [a]}}}\n", "  terminationGracePeriodSeconds: 0\n"),
            Lines{"10:26 preStop is not run: terminationGracePeriodSeconds is 0"});
  EXPECT_EQ(warnings("    lifecycle: {preStop: {exec: {command: [a]}}}\n", "  terminationGracePeriodSeconds: 1\n"),
            none);
  EXPECT_EQ(warnings("    lifecycle: {postStart: {exec: {command: [a]}}}\n", "  terminationGracePeriodSeconds: 0\n"),
            none);
}

TEST(Surprises, APreStopThatSleepsForTheWholeGraceIsWarnedOf) {
  EXPECT_EQ(warnings("    lifecycle: {preStop: {sleep: {seconds: 30}}}\n"),
            Lines{"9:44 preStop sleeps for the whole grace period: the container has 2 s between its stop signal and "
                  "SIGKILL"});
  EXPECT_EQ(warnings("    lifecycle: {preStop: {sleep: {seconds: 29}}}\n"), none);
  EXPECT_EQ(warnings("    lifecycle: {postStart: {sleep: {seconds: 30}}}\n"), none);
}

TEST(Surprises, AProbesGraceThatIsShorterThanThePreStopIsWarnedOf) {
  constexpr std::string_view sleep = "    lifecycle: {preStop: {sleep: {seconds: 5}}}\n";
  EXPECT_EQ(warnings(fmt::format("    livenessProbe: {{exec: {{command: [a]}}, terminationGracePeriodSeconds: 5}}\n{}",
                                 sleep)),
            Lines{"9:74 the grace period of the livenessProbe (5 s) is over before preStop has slept 5 s"});
  EXPECT_EQ(warnings(fmt::format("    startupProbe: {{exec: {{command: [a]}}, terminationGracePeriodSeconds: 2}}\n{}",
                                 sleep))
                .size(),
            1U);
  EXPECT_EQ(warnings(fmt::format("    livenessProbe: {{exec: {{command: [a]}}, terminationGracePeriodSeconds: 6}}\n{}",
                                 sleep)),
            none);
}

TEST(Surprises, AReadinessProbeThatOutlastsAStopIsWarnedOf) {
  EXPECT_EQ(warnings("    readinessProbe: {exec: {command: [a]}, timeoutSeconds: 31}\n"),
            Lines{"9:60 timeoutSeconds (31) exceeds the grace period (30 s): a container that does not answer in its "
                  "stop stays ready until it is killed"});
  EXPECT_EQ(warnings("    readinessProbe: {exec: {command: [a]}, timeoutSeconds: 30}\n"), none);
  EXPECT_EQ(warnings("    livenessProbe: {exec: {command: [a]}, timeoutSeconds: 31}\n"), none);
}

TEST(Surprises, AHookThatAlwaysFailsIsWarnedOf) {
  EXPECT_EQ(warnings("    lifecycle: {postStart: {tcpSocket: {port: 80}}}\n"),
            Lines{"9:40 a hook's tcpSocket always fails, as on Kubernetes: the container is ended at each start"});
  EXPECT_EQ(warnings("    lifecycle: {preStop: {tcpSocket: {port: 80}}}\n"),
            Lines{"9:38 a hook's tcpSocket always fails, as on Kubernetes"});
}

TEST(Surprises, AStopSignalThatLetsNothingEndIsWarnedOf) {
  constexpr std::string_view os = "  os: {name: linux}\n";
  EXPECT_EQ(warnings("    lifecycle: {stopSignal: SIGSTOP}\n", os),
            Lines{"10:29 SIGSTOP ends nothing: the container stands still until it is killed, after 30 s"});
  EXPECT_EQ(warnings("    lifecycle: {stopSignal: SIGKILL}\n", os),
            Lines{"10:29 SIGKILL leaves the container no time to end"});
  EXPECT_EQ(warnings("    lifecycle: {stopSignal: SIGQUIT}\n", os), none);
}

TEST(Surprises, ASidecarIsWarnedOfAtItsPlace) {
  const Manifests manifests = read({manifest({.spec = "  initContainers:\n  - name: s\n    image: i\n"
                                                      "    restartPolicy: Always\n"
                                                      "    lifecycle: {preStop: {tcpSocket: {port: 80}}}\n"})});
  EXPECT_EQ(loud(manifests),
            Lines{"1:10:38 warning: container \"s\": a hook's tcpSocket always fails, as on Kubernetes"});
}

TEST(Surprises, UsualProbesAndHooksAreNotWarnedOf) {
  EXPECT_EQ(warnings("    ports: [{name: web, containerPort: 80}]\n"
                     "    startupProbe: {httpGet: {port: web, path: /started}, periodSeconds: 1, failureThreshold: 60}\n"
                     "    livenessProbe: {httpGet: {port: web, path: /alive}, initialDelaySeconds: 5}\n"
                     "    readinessProbe: {httpGet: {port: web, path: /ready}, periodSeconds: 2, timeoutSeconds: 5}\n"
                     "    lifecycle: {postStart: {exec: {command: [a]}}, preStop: {sleep: {seconds: 5}}}\n"),
            none);
}

}  // namespace
}  // namespace podrun::pod

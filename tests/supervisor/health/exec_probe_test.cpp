// Exec probes of a real container, and what hostile ones leave.
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include <chrono>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "supervisor/core/clock.hpp"
#include "tests/supervisor/health/health_world.hpp"

namespace podrun::supervisor {
namespace {

using pod::ProbeKind;

/// The first verdict of a liveness probe, and what is left when it has stopped.
std::string verdict_and_remains(const std::string& script, std::int64_t timeout = 20,
                                const std::string& container = waits) {
  return in_health_world(container, [&](HealthWorld& world) {
    world.plan.probes.liveness = probe_of(script);
    world.plan.probes.liveness->timeout = timeout;
    world.health.start_probe(ProbeKind::Liveness);
    const std::string verdict = world.wait_for_event(1);
    world.health.stop_probe(ProbeKind::Liveness);
    world.run_until([&] { return !world.commands.contains("app/liveness-probe") && !world.has_groups(); });
    return verdict + "; " + world.left_behind();
  });
}

TEST(RootExecProbe, ExitStatusZeroIsSuccess) {
  EXPECT_EQ(verdict_and_remains("exit 0"), "liveness succeeded; nothing left");
}

TEST(RootExecProbe, AnotherExitStatusIsFailureAndTheLastLineIsShown) {
  EXPECT_EQ(verdict_and_remains("echo first; echo connection refused >&2; exit 3"),
            "liveness failed: command exited with 3: connection refused; nothing left");
}

TEST(RootExecProbe, ACommandThatIsKilledHasFailed) {
  EXPECT_EQ(verdict_and_remains("kill -9 $$"), "liveness failed: command exited with 137; nothing left");
}

TEST(RootExecProbe, ACommandThatNeverEndsFailsAtItsTimeout) {
  EXPECT_EQ(verdict_and_remains("while :; do sleep 1000; done", 1),
            "liveness failed: timed out after 1s; nothing left");
}

TEST(RootExecProbe, WhatACommandHasPrintedBeforeItsTimeoutIsShown) {
  EXPECT_EQ(verdict_and_remains("echo connecting; echo to the database >&2; while :; do sleep 1000; done", 1),
            "liveness failed: timed out after 1s: to the database; nothing left");
}

TEST(RootExecProbe, ACommandThatStopsItselfFailsAtItsTimeout) {
  EXPECT_EQ(verdict_and_remains("kill -STOP $$", 1), "liveness failed: timed out after 1s; nothing left");
}

TEST(RootExecProbe, ADaemonEndsWithTheCommandThatHasStartedIt) {
  EXPECT_EQ(verdict_and_remains("(setsid sh -c 'trap \"\" TERM HUP; sleep 1000 & wait' &) ; exit 0"),
            "liveness succeeded; nothing left");
}

TEST(RootExecProbe, HundredsOfProcessesEndAtTheTimeout) {
  EXPECT_EQ(verdict_and_remains("n=0; while [ $n -lt 300 ]; do setsid sleep 1000 & n=$((n + 1)); done; wait", 2),
            "liveness failed: timed out after 2s; nothing left");
}

TEST(RootExecProbe, ThePid1OfItsContainerMayKillItsCommand) {
  const std::string killer = "until read pid < /meeting/pid; do :; done; kill -9 $pid; while :; do sleep 1000; done";
  EXPECT_EQ(verdict_and_remains("echo $$ > /meeting/pid; while :; do sleep 1000; done", 20, killer),
            "liveness failed: command exited with 137; nothing left");
}

// The monitor and the intermediate are in no PID namespace of a container, so nobody there can trace them. The process at
// the gate may be seen.
TEST(RootExecProbe, TheContainerSeesNoProcessOfPodrunButTheOneAtTheGate) {
  const std::string seen = "sleep 0.5; grep -e '^podrun$' -e podrun-monitor /meeting/seen || echo none; exit 1";
  const std::string looks = "while :; do cat /proc/[0-9]*/comm >> /meeting/seen 2> /dev/null; done";
  EXPECT_EQ(in_health_world(looks,
                            [&](HealthWorld& world) {
                              world.plan.probes.liveness = probe_of(seen);
                              world.health.start_probe(ProbeKind::Liveness);
                              return world.wait_for_event(1);
                            }),
            "liveness failed: command exited with 1: none");
}

TEST(RootExecProbe, ACommandThatDoesNotExistSaysNothingAboutTheContainer) {
  EXPECT_EQ(in_health_world(waits,
                            [](HealthWorld& world) {
                              world.plan.probes.liveness = probe_of("");
                              world.plan.probes.liveness->action = pod::ExecAction{{"/no/such"}};
                              world.plan.probes.readiness = probe_of("exit 1");
                              world.plan.probes.readiness->failure_threshold = 3;
                              world.health.start_probe(ProbeKind::Liveness);
                              world.health.start_probe(ProbeKind::Readiness);
                              world.wait_for_event(2);
                              return fmt::format("{}; {}; {}", world.events[0], world.events[1], world.events.size());
                            }),
            "liveness unknown: exec \"/no/such\": No such file or directory; "
            "readiness failed: command exited with 1; 2");
}

TEST(RootExecProbe, ResultsInARowMakeAVerdict) {
  EXPECT_EQ(in_health_world(waits,
                            [](HealthWorld& world) {
                              world.plan.probes.liveness =
                                  probe_of("echo >> /meeting/n; [ $(wc -l < /meeting/n) -ge 3 ]");
                              world.plan.probes.liveness->failure_threshold = 2;
                              world.health.start_probe(ProbeKind::Liveness);
                              world.wait_for_event(2);
                              return world.events[0] + "; " + world.events[1];
                            }),
            "liveness failed: command exited with 1; liveness succeeded");
}

TEST(RootExecProbe, TheFirstAttemptWaitsForTheInitialDelay) {
  EXPECT_EQ(in_health_world(waits,
                            [](HealthWorld& world) {
                              world.plan.probes.startup = probe_of("exit 0");
                              world.plan.probes.startup->initial_delay = 2;
                              world.health.start_probe(ProbeKind::Startup);
                              world.wait_for_event(1);
                              const auto waited = boot_now() - world.status.started;
                              return std::string(waited >= std::chrono::seconds(2) ? "waited" : "too early");
                            }),
            "waited");
}

// The kernel kills the command before the end of the container shows: that is no result of the probe.
TEST(RootExecProbe, ACommandThatEndsWithItsContainerIsNoFailure) {
  EXPECT_EQ(in_health_world(waits,
                            [](HealthWorld& world) {
                              world.plan.probes.liveness = probe_of("echo > /meeting/begun; sleep 1000");
                              world.health.start_probe(ProbeKind::Liveness);
                              world.run_until([&] { return world.processes_in("cmd-0").size() > 0; });
                              world.signal_container(SIGKILL);
                              world.run_until([&] { return !world.commands.contains("app/liveness-probe"); });
                              return std::to_string(world.events.size()) + " events";
                            }),
            "0 events");
}

// The first attempt is not given up because the command of the former supervisor ends late.
TEST(RootExecProbe, ALaterSupervisorTriesAsSoonAsTheFormerCommandHasEnded) {
  EXPECT_EQ(in_health_world(waits,
                            [](HealthWorld& world) {
                              world.plan.probes.liveness = probe_of("exit 0");
                              world.plan.probes.liveness->period = 1000;
                              world.plan.probes.startup = probe_of("sleep 1000");
                              world.health.start_probe(ProbeKind::Startup);
                              world.run_until([&] { return world.processes_in("cmd-0").size() > 0; });
                              HealthWorld next(world);
                              next.plan.probes.startup = next.plan.probes.liveness;
                              next.adopt();
                              next.health.start_probe(ProbeKind::Startup);
                              return next.wait_for_event(1);
                            }),
            "startup succeeded");
}

TEST(RootExecProbe, AFloodOfOutputCostsLittle) {
  const std::string seen = in_health_world(waits, [](HealthWorld& world) {
    world.plan.probes.liveness = probe_of("dd if=/dev/zero bs=1M count=400 2> /dev/null; echo; echo too much; exit 1");
    world.plan.probes.liveness->timeout = 60;
    rusage before{}, after{};
    ::getrusage(RUSAGE_SELF, &before);
    world.health.start_probe(ProbeKind::Liveness);
    const std::string verdict = world.wait_for_event(1);
    ::getrusage(RUSAGE_SELF, &after);
    const auto milliseconds = [](const rusage& usage) {
      return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000 +
             (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1000;
    };
    const auto used = milliseconds(after) - milliseconds(before);
    const auto more_memory = after.ru_maxrss - before.ru_maxrss;
    return fmt::format("{}; {}; {}", verdict, used < 1500 ? "little time" : fmt::format("{} ms", used),
                       more_memory < 4096 ? "little memory" : fmt::format("{} KiB", more_memory));
  });
  EXPECT_EQ(seen, "liveness failed: command exited with 1: too much; little time; little memory");
}

}  // namespace
}  // namespace podrun::supervisor

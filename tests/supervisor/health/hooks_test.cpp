// Exec hooks of a real container.
#include <signal.h>

#include <gtest/gtest.h>

#include "tests/supervisor/health/health_world.hpp"

namespace podrun::supervisor {
namespace {

using pod::HookKind;

std::string end_of_hook(pod::HookAction hook) {
  return in_health_world(waits, [&](HealthWorld& world) {
    world.plan.hooks.post_start = std::move(hook);
    world.health.run_hook(HookKind::PostStart);
    const std::string end = world.wait_for_event(1);
    world.run_until([&] { return !world.has_groups(); });
    return end + "; " + world.left_behind();
  });
}

TEST(RootExecHook, ItsEndIsTold) { EXPECT_EQ(end_of_hook(shell("exit 0")), "postStart succeeded; nothing left"); }

TEST(RootExecHook, AFailureIsToldWithTheLastLineOfItsOutput) {
  EXPECT_EQ(end_of_hook(shell("echo no database; exit 4")),
            "postStart failed: command exited with 4: no database; nothing left");
}

TEST(RootExecHook, ACommandThatDoesNotExistFails) {
  EXPECT_EQ(end_of_hook(pod::ExecAction{{"/no/such"}}),
            "postStart failed: exec \"/no/such\": No such file or directory; nothing left");
}

TEST(RootExecHook, TcpSocketFailsAsOnKubernetes) {
  EXPECT_EQ(end_of_hook(pod::TcpSocketAction{.host = "", .port = {.number = 80, .name = ""}}),
            "postStart failed: tcpSocket is not supported in a hook; nothing left");
}

TEST(RootExecHook, TheEndOfTheInstanceEndsIt) {
  EXPECT_EQ(in_health_world(waits,
                            [](HealthWorld& world) {
                              world.plan.hooks.pre_stop = shell("trap '' TERM; sleep 1000");
                              world.health.run_hook(HookKind::PreStop);
                              world.run_until([&] { return world.processes_in("cmd-0").size() > 0; });
                              world.health.end_instance();
                              world.run_until([&] {
                                return !world.commands.contains("app/pre-stop-0") && !world.has_groups();
                              });
                              return std::to_string(world.events.size()) + " events; " + world.left_behind();
                            }),
            "0 events; nothing left");
}

// What the pause has not registered never runs.
TEST(RootExecHook, ACommandThatIsNotRegisteredNeverRuns) {
  EXPECT_EQ(in_health_world(waits,
                            [](HealthWorld& world) {
                              const auto plan = plan_of_command(world.plan, shell("echo > /meeting/ran").command);
                              const Fd root = open_root_of(world.process).value();
                              auto command = make_command(*plan,
                                                          {.plan = world.plan,
                                                           .process = world.process.pidfd.get(),
                                                           .root = root.get(),
                                                           .instance = 0},
                                                          world.site(), "app/post-start-0");
                              const ns::Process monitor = ns::copy_of(command->entered.monitor).value();
                              bool ended = false;
                              const EventSource watch =
                                  world.loop.watch(monitor.pidfd.get(), EPOLLIN, [&] { ended = true; }).value();
                              command = std::unexpected(Error{"forgotten"});
                              const bool gave_up = world.run_until([&] { return ended; });
                              return std::string(gave_up ? "ended" : "waits") +
                                     (world.exists_in_meeting("ran") ? ", ran" : ", never ran");
                            }),
            "ended, never ran");
}

TEST(CommandNames, HaveRoomInAMessageToThePause) {
  const std::string longest(63, 'x');
  for (const auto kind : {HookKind::PostStart, HookKind::PreStop})
    EXPECT_LT(hook_name(longest, kind, 123'456).size(), sizeof pause::Message::name);
  for (const auto kind : {pod::ProbeKind::Startup, pod::ProbeKind::Liveness, pod::ProbeKind::Readiness})
    EXPECT_LT(probe_name(longest, kind).size(), sizeof pause::Message::name);
  EXPECT_NE(hook_name("app", HookKind::PreStop, 9'999), hook_name("app", HookKind::PreStop, 10'000));
}

/// The next supervisor: it has other objects, and the pause's register.
TEST(RootExecHook, ALaterSupervisorGoesOnWithIt) {
  EXPECT_EQ(in_health_world(waits,
                            [](HealthWorld& world) {
                              world.plan.hooks.post_start =
                                  shell("echo ran >> /meeting/runs; until [ -e /meeting/go ]; do sleep 0.01; done; "
                                        "echo it is $(wc -l < /meeting/runs); exit 1");
                              world.plan.probes.liveness = probe_of("sleep 1000");
                              world.status.post_start = HookStage::Running;
                              world.health.run_hook(HookKind::PostStart);
                              world.health.start_probe(pod::ProbeKind::Liveness);
                              world.run_until([&] { return world.exists_in_meeting("runs"); });
                              HealthWorld next(world);
                              next.status = world.status;
                              next.adopt();
                              const bool probe_ended =
                                  next.run_until([&] { return !next.commands.contains("app/liveness-probe"); });
                              next.write_in_meeting("go");
                              return next.wait_for_event(1) + (probe_ended ? "; the probe has ended" : "; it goes on");
                            }),
            "postStart failed: command exited with 1: it is 1; the probe has ended");
}

TEST(RootExecHook, OneThatHasEndedWithoutASupervisorIsToldToTheNext) {
  EXPECT_EQ(in_health_world(waits,
                            [](HealthWorld& world) {
                              world.plan.hooks.post_start = shell("echo too late; exit 5");
                              world.status.post_start = HookStage::Running;
                              world.health.run_hook(HookKind::PostStart);
                              world.wait_until_pause_tells();
                              HealthWorld next(world);
                              next.adopt();
                              return next.wait_for_event(1);
                            }),
            "postStart failed: command exited with 5: too late");
}

TEST(RootExecHook, OneThatIsNotInTheRegisterIsMissing) {
  EXPECT_EQ(in_health_world(waits,
                            [](HealthWorld& world) {
                              world.plan.hooks.post_start = shell("sleep 1000");
                              const auto before = world.health.hook_in_register(HookKind::PostStart);
                              world.health.run_hook(HookKind::PostStart);
                              const auto after = world.health.hook_in_register(HookKind::PostStart);
                              return std::string(before == Registered::Hook::Missing ? "missing" : "?") +
                                     (after == Registered::Hook::Found ? ", found" : ", ?");
                            }),
            "missing, found");
}

}  // namespace
}  // namespace podrun::supervisor

// `podrun status` and `podrun events` for people.
#include "supervisor/show/status_text.hpp"

#include <gtest/gtest.h>

#include "supervisor/show/event_table.hpp"
#include "tests/supervisor/history/told_pod.hpp"

namespace podrun::supervisor {
namespace {

TEST(StatusText, IsOneScreen) {
  ToldPod pod({init_container(), with_probe(pod::ProbeKind::Liveness), with_probe(pod::ProbeKind::Readiness)},
              {"migrate", "app", "web"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.of(0, event::Exited{0});
  for (int i = 0; i < 2; ++i) {
    pod.of(1, event::ExecOk{});
    if (i == 0) pod.of(2, event::ExecOk{});
    pod.now += 20s;
    pod.probe(1, pod::ProbeKind::Liveness, false, "HTTP 503");
    pod.of(1, event::Exited{137});
  }
  pod.now += 4s;
  EXPECT_EQ(status_text(pod.view(), pod.events, pod.wall()),
            "pod web: Running (CrashLoopBackOff), started 44s ago (2026-11-24 06:55:14 UTC)\n"
            "sandbox made for 44s, initialized for 44s, not ready for 44s (containers with unready status: [app web])\n"
            "web is not ready: app restarted once; last exit 137: killed by its liveness probe after 3 failures (HTTP "
            "503); next try in 6s (back-off 10s). web waits for its readiness probe, which has not succeeded yet\n"
            "\n"
            "CONTAINER   KIND   STATE               READY   RESTARTS   NEXT TRY   LAST END\n"
            "migrate     init   Completed 44s ago   done    0          -          exited with 0\n"
            "app         app    CrashLoopBackOff    no      1          in 6s      4s ago: killed by its liveness probe "
            "after 3 failures (HTTP 503)\n"
            "web         app    Running for 44s     no      0          -          -\n");
}

TEST(EventTable, HasTheColumnsOfKubectl) {
  ToldPod pod({{}}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecFailed{"two\nlines"});
  pod.now += 3s;
  EXPECT_EQ(event_table(pod.events, pod.view(), pod.wall(), true),
            "AGE      TYPE      REASON                OBJECT        MESSAGE\n"
            "3s       Normal    Created               pod/web/app   Created container: app\n"
            "3s       Warning   Failed                pod/web/app   Error: two lines\n");
}

TEST(EventTable, WhatAHookHasPrintedFollowsItsFailure) {
  ToldPod pod({with_hook(pod::HookKind::PreStop)}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.on(event::PodStop{});
  pod.events.clear();
  pod.of(0, event::HookEnded{0, pod::HookKind::PreStop, false, "exit 3: last", "first\x1b]0;title\x07\r\nlast\n"});
  EXPECT_EQ(event_table(pod.events, pod.view(), pod.wall(), false),
            "0s       Warning   FailedPreStopHook     pod/web/app   PreStopHook failed: exit 3: last\n"
            "         | first\n"
            "         | last\n");
  EXPECT_EQ(parse_event_line(to_line(pod.events[0]))->output, "first\x1b]0;title\x07\r\nlast\n");
}

TEST(EventTable, WhatAHookHasPrintedCannotLookLikeAnEvent) {
  ToldPod pod({with_hook(pod::HookKind::PreStop)}, {"app"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.on(event::PodStop{});
  pod.events.clear();
  pod.of(0, event::HookEnded{0, pod::HookKind::PreStop, false, "a\b\u202eb",
                             "\b\b\b0s\tNormal\n\x1b[8mhidden\x1b[0m \u202eturned\n"});
  EXPECT_EQ(event_table(pod.events, pod.view(), pod.wall(), false),
            "0s       Warning   FailedPreStopHook     pod/web/app   PreStopHook failed: a\uFFFD\uFFFDb\n"
            "         | \uFFFD\uFFFD\uFFFD0s\tNormal\n"
            "         | hidden \uFFFDturned\n");
}

}  // namespace
}  // namespace podrun::supervisor

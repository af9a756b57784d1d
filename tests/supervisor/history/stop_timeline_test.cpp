// The timeline of a stop.
#include "supervisor/history/stop_timeline.hpp"

#include <gtest/gtest.h>

#include "tests/supervisor/history/told_pod.hpp"

namespace podrun::supervisor {
namespace {

TEST(StopTimeline, ShowsHowLongEachContainerTook) {
  ToldPod pod({{}, {}}, {"a", "b"});
  pod.on(event::PodStart{});
  pod.of(0, event::ExecOk{});
  pod.of(1, event::ExecOk{});
  EXPECT_EQ(stop_text(pod.events), "");
  pod.on(event::PodStop{});
  pod.now += 1500ms;
  pod.of(0, event::Exited{0});
  pod.fire(1, TimerName::Grace);
  pod.now += 10ms;
  pod.of(1, event::Exited{137});
  EXPECT_EQ(stop_text(pod.events),
            "\nThe stop, in milliseconds since it began:\n\n"
            "AT        TOOK      WHO   WHAT\n"
            "0.0       1500.0    a     Stopping container a. Container a exited with 0\n"
            "0.0       30010.0   b     Stopping container b. Container b ended by signal 9 (exit code 137)\n"
            "30000.0   10.0      b     Killing container b: it has not ended in its grace period. Container b ended by "
            "signal 9 (exit code 137)\n");
}

}  // namespace
}  // namespace podrun::supervisor

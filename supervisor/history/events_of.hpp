// The events of one step of a pod's lifecycle, from the statuses before and after it. Pure.
#pragma once

#include <string>
#include <vector>

#include "supervisor/history/logged_event.hpp"
#include "supervisor/lifecycle/pod_lifecycle.hpp"
#include "supervisor/state/pod_record.hpp"

namespace podrun::supervisor {

/// The instants of a step.
struct StepTime {
  BootTime boot;
  WallTime wall;
};

/// What has changed, in the order in which it comes about: ends first, because they are the reason of what follows, then
/// stops, then starts. `record` has the names; its status is not read. `event` is what was handled.
///
///   Created                       an instance was launched
///   Started                       its program runs
///   Failed                        it did not start
///   Unhealthy                     a probe has failed as often as its threshold says
///   Ready                         it is ready: later than it has started, or again
///   FailedPostStartHook, FailedPreStopHook
///   Killing                       it was asked to end, or is killed
///   ContainerDied                 it has ended: the kubelet's name
///   BackOff                       it has ended, and is not started again at once
///   DeadlineExceeded              the pod has run for as long as activeDeadlineSeconds says
std::vector<LoggedEvent> events_of(const PodRecord& record, const PodStatus& before, const PodStatus& after,
                                   const PodEvent& event, StepTime now);

}  // namespace podrun::supervisor

// Why a pod, or one of its containers, is as it is: `podrun why`. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "supervisor/core/times.hpp"
#include "supervisor/history/logged_event.hpp"
#include "supervisor/state/pod_view.hpp"

namespace podrun::supervisor {

/// The chain of causes in one to three sentences, without a full stop at the end:
///
///   app restarted 4 times; last exit 137: killed by its liveness probe after 3 failures (HTTP 503); next try in 18s
///   (back-off 40s)
///   web is not ready: app waits for its readiness probe, which fails: HTTP 503
///
/// Without a container it is about the pod: what keeps it from being ready, how it ended, or that all is well. The
/// container must be one of the pod's. `events` are those of the same run, oldest first; some may be missing.
std::string why(const PodView& pod, const std::vector<LoggedEvent>& events, std::string_view container, WallTime now);

}  // namespace podrun::supervisor

// Waits for the end of a pod that has been asked to stop, and says for whom.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/layout.hpp"
#include "supervisor/state/pod_record.hpp"

namespace podrun::supervisor {

/// "waiting for app (TERM sent 12s ago, KILL in 18s), db (killed)". `asked` is when the pod was asked to stop, if that
/// is known. Pure.
std::string stop_progress(const PodRecord& record, BootTime now, std::optional<BootTime> asked);

/// Waits until nothing of the pod is left. `pause` is a pidfd of its pause, or empty. After a second, and then every
/// ten seconds, `report` is given a line for the user.
Result<> wait_for_end(const Layout& layout, const std::string& id, const Fd& pause, std::optional<BootTime> asked,
                      const std::function<void(const std::string&)>& report);

}  // namespace podrun::supervisor

// How an instance of a container ended, with the cause. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "supervisor/history/logged_event.hpp"
#include "supervisor/state/pod_view.hpp"

namespace podrun::supervisor {

/// "killed by its liveness probe after 3 failures (HTTP 503)", "exited with 3", "ended by signal 11 (SEGV)". `instance` is
/// the number of the one that ended; its events say why podrun ended it.
std::string end_and_cause(const PodView& pod, const ContainerView& container, const TerminatedView& end, int instance,
                          const std::vector<LoggedEvent>& events);

/// What the last failure of such a probe said in that instance, e.g. "HTTP 503"; "" if it has not failed.
/// `probe`: "Liveness", "Readiness", "Startup".
std::string last_failure(const ContainerView& container, std::string_view probe, int instance,
                         const std::vector<LoggedEvent>& events);
/// Why attempts of such a probe could not be made in that instance; "" if they could.
std::string last_error(const ContainerView& container, std::string_view probe, int instance,
                       const std::vector<LoggedEvent>& events);

}  // namespace podrun::supervisor

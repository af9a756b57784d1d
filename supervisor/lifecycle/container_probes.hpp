// The probes of an instance: what is probed follows from the status, and verdicts change it. Pure.
#pragma once

#include "supervisor/lifecycle/container_handlers.hpp"

namespace podrun::supervisor {

/// Whether the present instance is to be probed. The startup probe, from the end of the postStart hook until it has
/// succeeded; then the others. Of an instance that is to end, only the readiness probe.
bool is_to_be_probed(const ContainerPolicy& policy, const ContainerStatus& status, pod::ProbeKind kind);

/// Starts the probes that are to run and do not, before all other actions ends those that are not to run any more.
void tend_probes(Life& life);

/// Notes that an instance is started if its postStart hook has succeeded, and there is no startup probe to wait for.
void start_if_all_is_done(Life& life);

}  // namespace podrun::supervisor

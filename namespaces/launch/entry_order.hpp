// What podrun-entry has to do, as the file that it reads: the last steps of a plan.
#pragma once

#include <optional>
#include <span>

#include "namespaces/entry/entry_protocol.hpp"
#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/seccomp_filters.hpp"
#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// The index of the first step that podrun-entry takes: from there on they are about the process's rights. Those before
/// it are taken by the intermediate.
std::size_t first_step_of_entry(const pod::ContainerPlan& plan);

/// A memfd_create(2) file with the order. `filters` are those of the plan; `cpus` those where the command may run, if
/// it is made on one of them. Errors: a step that podrun-entry does not know.
Result<Fd> make_entry_order(const pod::ContainerPlan& plan, entry::Role role, unsigned last_capability,
                            std::span<const Filter> filters, const std::optional<entry::CpuSet>& cpus = std::nullopt);

}  // namespace podrun::ns

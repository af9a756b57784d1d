// The order for podrun-entry: the last steps of a plan, as the file that it reads.
#pragma once

#include <optional>
#include <span>

#include "namespaces/entry/entry_protocol.hpp"
#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/seccomp_filters.hpp"
#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// The index of the first step that podrun-entry performs: from there on the steps change the process's rights. The
/// intermediate performs those before it.
std::size_t first_step_of_entry(const pod::ContainerPlan& plan);

/// Makes a memfd_create(2) file with the order. `namespaces` is Order::namespaces; `filters` are those of the plan;
/// `cpus` are those that the command may run on, if it is made while the caller is restricted to one of them. Errors: a
/// step that podrun-entry does not know.
Result<Fd> make_entry_order(const pod::ContainerPlan& plan, entry::Role role, int namespaces, unsigned last_capability,
                            std::span<const Filter> filters, const std::optional<entry::CpuSet>& cpus = std::nullopt);

}  // namespace podrun::ns

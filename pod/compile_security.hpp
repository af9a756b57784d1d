// What a container may not see and may not do.
#pragma once

#include <vector>

#include "pod/compile.hpp"
#include "pod/compile_process.hpp"
#include "pod/plan.hpp"
#include "pod/spec.hpp"

namespace podrun::pod {

/// The capabilities a container runs with: the default ones, `drop` and `add` applied as containerd does (ALL first, what is
/// named after); all of them if it is privileged.
std::uint64_t capabilities_of(const SecurityContext& security);

/// Error: a capability that is asked for by its name and that this host's podrun cannot give. "ALL" and `privileged` mean all
/// that it can.
Result<> check_capabilities(const Container& container, const HostFacts& facts);

/// Masks and read-only binds for the sensitive paths that the host's kernel has.
std::vector<ChildStep> hidden_paths(const HostFacts& facts, Slot root);

/// The steps from host root's powers down to the container's, in the one order that works: the ids need
/// capabilities that go last, and a change of either clears PDEATHSIG.
std::vector<ChildStep> drop_privileges(const Container& container, const Identity& identity,
                                       const HostFacts& facts);

}  // namespace podrun::pod

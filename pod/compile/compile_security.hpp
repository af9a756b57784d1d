// What a container may not see and may not do.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "pod/compile/compile.hpp"
#include "pod/compile/compile_process.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/spec.hpp"

namespace podrun::pod {

/// Error: a capability that is asked for by its name and that this host's podrun cannot give. "ALL" and `privileged`
/// mean all that it can.
Result<> check_capabilities(const Container& container, const HostFacts& facts);

/// Error: a kernel parameter outside of what Kubernetes calls safe, or one of a namespace that is the host's.
Result<> check_sysctls(const Pod& pod);

/// Masks and read-only binds for the sensitive paths that the host's kernel has.
std::vector<ChildStep> hidden_paths(const HostFacts& facts, Slot root);

/// A container with what its pod's security context says of everything that its own leaves open.
Container with_inherited_security(const Pod& pod, Container container);

/// The filters of system calls, by their place: with the rights to set one, or, with no_new_privs, at the end.
struct Filters {
  std::vector<ChildStep> first;
  std::vector<ChildStep> last;
};

/// What podrun itself refuses a container of this composition with these capabilities.
SeccompDenials denials_for(const Composition& namespaces, std::uint64_t capabilities, const HostFacts& facts);

/// The filter of that.
step::Seccomp own_filter(const SeccompDenials& what);

/// podrun's own refusals, and the container's seccompProfile; none if it is privileged. Errors: a Localhost profile
/// that is not among the facts, or is none.
Result<Filters> compile_filters(const Container& container, const Composition& namespaces, const HostFacts& facts);

/// The paths of the Localhost profiles that a pod's containers name, for whoever reads them.
std::set<std::string> localhost_profiles(const Pod& pod);

/// The steps from host root's powers down to the container's, in the one order that works: the ids need
/// capabilities that go last, and a change of either clears PDEATHSIG.
std::vector<ChildStep> drop_privileges(const Container& container, const Identity& identity,
                                       const HostFacts& facts, const Filters& filters);

}  // namespace podrun::pod

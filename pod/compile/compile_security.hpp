// Compiles the restrictions of a container: capabilities, sysctls, masked paths, seccomp filters.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "pod/compile/compile.hpp"
#include "pod/compile/compile_process.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/spec.hpp"

namespace podrun::pod {

/// An error for each capability that is requested by name and is not in podrun's bounding set. "ALL" and `privileged`
/// mean all capabilities in that set. The fields of the errors are the container's.
std::vector<Error> capability_errors(const Container& container, const HostFacts& facts);

/// Checks the sysctls of a pod. Error: a kernel parameter is not one that Kubernetes considers safe, or belongs to a
/// namespace of the host.
Result<> check_sysctls(const Pod& pod);

/// The steps that mask sensitive paths of this host or make them read-only.
std::vector<ChildStep> hidden_paths(const HostFacts& facts, Slot root);

/// The container with those fields of the pod's security context that its own does not set.
Container with_inherited_security(const Pod& pod, Container container);

/// Seccomp filters by the place at which they are set.
struct Filters {
  std::vector<ChildStep> first;  ///< while the process has the capability to set a filter
  std::vector<ChildStep> last;   ///< after no_new_privs, directly before the gate
};

/// The system calls that podrun denies to a container with this composition and these capabilities.
SeccompDenials denials_for(const Composition& namespaces, std::uint64_t capabilities, const HostFacts& facts);

/// The step that sets podrun's own filter.
step::Seccomp own_filter(const SeccompDenials& what);

/// podrun's own filter and the container's seccompProfile. A privileged container has no filters. Errors: a Localhost
/// profile is not in the facts or is invalid.
Result<Filters> compile_filters(const Container& container, const Composition& namespaces, const HostFacts& facts);

/// The paths of the Localhost profiles that a pod's containers use.
std::set<std::string> localhost_profiles(const Pod& pod);

/// The steps that reduce root's privileges to those of the container. Their order is fixed: changing the ids requires
/// capabilities, which are therefore dropped last, and a change of ids or capabilities clears PDEATHSIG.
std::vector<ChildStep> drop_privileges(const Container& container, const Identity& identity,
                                       const HostFacts& facts, const Filters& filters);

}  // namespace podrun::pod

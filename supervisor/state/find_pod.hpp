// Finds the pod that a name on the command line means.
#pragma once

#include <string>
#include <vector>

#include "supervisor/core/command_error.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// The id of the pod of that name: a running or dead pod, or one that has left logs. `namespace_name` is the one of -n,
/// or empty. Otherwise the error is NameConflict and suggests a similar name.
CommandResult<std::string> find_pod(const Layout& layout, const std::string& name, const std::string& namespace_name);

/// The pod for which that name may have been meant: its namesake in another namespace, or a similar name in the same
/// one. "" if there is none.
std::string similar_pod(const Layout& layout, const std::string& name, const std::string& namespace_name);

/// A container of a pod.
struct NamedContainer {
  std::string pod;  ///< its id
  std::string name;
};

/// The containers of that name, or for which other programs write the name as POD-CONTAINER or POD-CONTAINER-1: those of
/// pods that run, or if there is none, those that have left logs. `namespace_name` is the one of -n; if it is empty, the
/// containers are in any namespace.
std::vector<NamedContainer> containers_named(const Layout& layout, const std::string& name,
                                             const std::string& namespace_name);

}  // namespace podrun::supervisor

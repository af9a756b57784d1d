// Whose namespaces a pod's processes are in, from the numbers that /proc shows. Pure.
#pragma once

#include <sys/types.h>

#include <array>
#include <string>
#include <vector>

#include "namespaces/kinds.hpp"
#include "pod/plan.hpp"

namespace podrun::supervisor {

/// A process and its namespaces.
struct NamespaceRow {
  std::string name;  ///< "host", "pause", or the container's
  pid_t pid;         ///< in the host's PID namespace
  ns::NamespaceIds ids;
};

/// One pod: the host (any process outside), the pause, the containers that run.
struct NamespaceMatrix {
  NamespaceRow host;
  NamespaceRow pause;
  std::vector<NamespaceRow> containers;
};

/// A word for each kind, in the order of pod::NamespaceKind: "host", "pod" (the pause's, if that is not the
/// host's), "own" (nobody else's), or "=NAME" of the first other container that is in it.
using Owners = std::array<std::string, pod::namespace_kinds>;

/// The words for the host, the pause, and each container.
std::vector<Owners> owners(const NamespaceMatrix& matrix);

/// "net:[4026532201]", as the links in /proc/PID/ns have it.
std::string link_text(std::size_t kind, std::uint64_t id);

/// The table with a legend.
std::string matrix_text(const NamespaceMatrix& matrix);

}  // namespace podrun::supervisor

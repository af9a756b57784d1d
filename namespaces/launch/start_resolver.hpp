// Starts podrun-resolver, which answers the DNS queries of a pod (namespaces/resolver/main.cpp says with which rights).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "namespaces/kernel/start_helper.hpp"

namespace podrun::ns {

/// What a resolver serves.
struct ResolverStart {
  std::uint32_t number;                ///< PodNumber of the pod, for its user
  std::vector<std::string> upstreams;  ///< NetworkFacts::upstreams
  std::vector<int> sockets;            ///< open_resolver_sockets(): UDP and TCP in turn
  int names_folder;                    ///< the folder of the names, Layout::names(), of mode 0755 or 0711
  std::chrono::seconds idle{300};      ///< it exits with 0 after so long without a query; another may be started then
};

/// The program at which open_program() looks.
inline constexpr char resolver_name[] = "podrun-resolver";

/// Starts one. `site.network` is -1: it works in the host's network namespace. It gets the folder as a mount of its own,
/// read-only: nothing leads from it to the folders above. It waits at its gate until it is registered.
Result<StartedHelper> start_resolver(const HelperSite& site, const ResolverStart& start);

}  // namespace podrun::ns

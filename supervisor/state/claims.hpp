// Volumes of claims, which outlive pods.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// The volume of a claim.
struct Claim {
  std::string namespace_name;
  std::string name;
  std::uint64_t bytes = 0;             ///< size on disk, as du(1) counts it
  std::vector<std::string> used_by{};  ///< names of running pods
};

/// All claims, sorted by namespace and name. `namespace_name` "" means all namespaces.
std::vector<Claim> list_claims(const Layout& layout, const std::string& namespace_name);

/// Takes a lock under which no claim is removed, for a pod that is about to record which claims it uses. Waits for a
/// removal in progress, which holds the lock only briefly.
Result<Fd> lock_claims_shared(const Layout& layout);

/// Removes a claim's volume with its content. Errors: EBUSY if a running pod uses it, ENOENT.
Result<> remove_claim(const Layout& layout, const std::string& namespace_name, const std::string& name);

/// Formats the claims as a table.
std::string claim_table(const std::vector<Claim>& claims);

}  // namespace podrun::supervisor

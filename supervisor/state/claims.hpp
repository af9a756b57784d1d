// Claims: the volumes that outlive pods.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// A claim that some pod has used.
struct Claim {
  std::string namespace_name;
  std::string name;
  std::uint64_t bytes = 0;             ///< on disk, as du(1) counts
  std::vector<std::string> used_by{};  ///< names of running pods
};

/// All of them, by namespace and name; `namespace_name` "": of every namespace.
std::vector<Claim> list_claims(const Layout& layout, const std::string& namespace_name);

/// As long as it is held nobody removes a claim: for a pod that is about to say which it uses. Waits for who removes
/// one at this moment, which takes no time.
Result<Fd> lock_claims_shared(const Layout& layout);

/// Removes one, and everything in it. Errors: EBUSY if a running pod uses it, ENOENT.
Result<> remove_claim(const Layout& layout, const std::string& namespace_name, const std::string& name);

/// The claims as a table.
std::string claim_table(const std::vector<Claim>& claims);

}  // namespace podrun::supervisor

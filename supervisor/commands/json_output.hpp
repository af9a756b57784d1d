// The output of `-o json` of commands that do not show pods.
#pragma once

#include <string>
#include <vector>

#include "pod/spec/host_facts.hpp"
#include "pod/text/diagnostic.hpp"
#include "supervisor/core/layout.hpp"
#include "supervisor/show/namespace_matrix.hpp"
#include "supervisor/state/claims.hpp"

namespace podrun::supervisor {

/// {"pod":ID,"processes":[{"name","role","pid","namespaces":{"mnt":{"id","owner","letter"},…}},…]}. The host's
/// namespaces have no letter.
std::string to_json(const std::string& pod_id, const NamespaceMatrix& matrix);

/// {"file","ok","diagnostics":[{"severity","line","column","message","hint"}]}. A diagnostic about the whole file is on
/// line 0.
std::string to_json(const std::vector<pod::Diagnostic>& diagnostics, const std::string& file, bool ok);

/// [{"namespace","name","path","bytes","usedBy"}].
std::string to_json(const std::vector<Claim>& claims, const Layout& layout);

/// The facts, under the names of the members.
std::string to_json(const pod::HostFacts& facts);

}  // namespace podrun::supervisor

// podrun volumes: lists the volumes of claims. podrun volumes rm NAME...: removes volumes that no pod uses.
#include <cerrno>

#include <fmt/format.h>

#include "pod/spec/value_syntax.hpp"
#include "supervisor/commands/commands.hpp"
#include "supervisor/commands/json_output.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/state/claims.hpp"

namespace podrun::supervisor::commands {
namespace {

ExitStatus remove_claims(const Invocation& invocation) {
  const Options& options = invocation.options;
  const std::string space = options.namespace_name.empty() ? pod::Metadata{}.namespace_name : options.namespace_name;
  ExitStatus status = ExitStatus::Succeeded;
  for (std::size_t index = 1; index < options.operands.size(); ++index) {
    const std::string& name = options.operands[index];
    // The name becomes part of a path.
    const Result<> removed = pod::dns_subdomain(name).empty()
                                 ? remove_claim(invocation.layout, space, name)
                                 : fail(fmt::format("there is no volume {} in namespace {}", name, space), ENOENT);
    if (removed) continue;
    const int error = removed.error().number;
    status = report_error(error == EBUSY || error == ENOENT ? ExitStatus::NameConflict : ExitStatus::Failed,
                          removed.error().message);
  }
  return status;
}

}  // namespace

ExitStatus volumes(const Invocation& invocation) {
  const Options& options = invocation.options;
  if (!options.operands.empty() && (options.operands.front() != "rm" || options.operands.size() < 2))
    return report_error(ExitStatus::Invalid, "usage: podrun volumes, or podrun volumes rm NAME...");
  if (!options.operands.empty()) return remove_claims(invocation);
  const std::vector<Claim> claims = list_claims(invocation.layout, options.namespace_name);
  if (options.format == Format::Json) return print(to_json(claims, invocation.layout));
  if (!claims.empty()) return print(claim_table(claims));
  note("no volumes");
  return ExitStatus::Succeeded;
}

}  // namespace podrun::supervisor::commands

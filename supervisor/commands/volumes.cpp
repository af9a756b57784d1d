// podrun volumes: lists the volumes of claims. podrun volumes rm NAME...: removes volumes that no pod uses.
#include <cerrno>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "pod/spec/value_syntax.hpp"
#include "pod/text/utf8_text.hpp"
#include "supervisor/cli/foreign_verbs.hpp"
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

/// Why the operands are no command of volumes: what podrun has instead of those of other programs.
std::string wrong_command(const std::vector<std::string>& operands) {
  if (operands.front() == "rm") return "NAME is missing; usage: podrun volumes rm NAME...";
  return fmt::format("unknown command {}{}", pod::in_quotes(operands.front()),
                     answer_to_foreign_verb("volume", operands));
}

bool is_list(const std::vector<std::string>& operands) {
  return operands.empty() || (operands.size() == 1 && (operands[0] == "ls" || operands[0] == "list"));
}

}  // namespace

ExitStatus volumes(const Invocation& invocation) {
  const Options& options = invocation.options;
  if (!is_list(options.operands)) {
    if (options.operands.front() == "rm" && options.operands.size() > 1) return remove_claims(invocation);
    return report_error(ExitStatus::Invalid, "volumes: " + wrong_command(options.operands));
  }
  const std::vector<Claim> claims = list_claims(invocation.layout, options.namespace_name);
  if (options.format == Format::Json) return print(to_json(claims, invocation.layout));
  if (!claims.empty()) return print(claim_table(claims));
  note("no volumes");
  return ExitStatus::Succeeded;
}

}  // namespace podrun::supervisor::commands

// The pods and containers that a command line names. An error leads to the command that was meant.
#pragma once

#include <string>
#include <vector>

#include "supervisor/cli/options.hpp"
#include "supervisor/core/command_error.hpp"
#include "supervisor/core/layout.hpp"

namespace podrun::supervisor {

/// A pod, and one of its containers or none.
struct PodOperand {
  std::string id;
  std::string container;
};

/// The pod of the first operand: NAME or NAMESPACE/NAME. For logs, attach, exec and debug the container is part of the
/// operand (POD/CONTAINER), the second operand or that of -c. The error is NameConflict if there is no such pod: it
/// says if the name is that of a container or of a manifest, or suggests a similar name.
CommandResult<PodOperand> find_operand(const Layout& layout, const Options& options);

/// The pods of a command line, and what is wrong with it.
struct NamedPods {
  std::vector<std::string> ids;        ///< without doubles
  std::vector<CommandError> errors{};  ///< one for each name that is wrong
};

/// The pods of all operands and of -f FILE. An operand that is no pod's name but the path of a manifest stands for its
/// pods. With --all instead: the pods that run, for rm those that do not run, and with --force both.
NamedPods find_pods(const Layout& layout, const Options& options);

/// Says which pods there are, for a command line that lacks the name of one: "; pod web runs: podrun stop web".
std::string pods_hint(const Options& options);

}  // namespace podrun::supervisor

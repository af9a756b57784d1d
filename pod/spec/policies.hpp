// Policies of a pod that the plan needs as well. They have a header of their own, so that the plan does not depend on
// spec.hpp.
#pragma once

#include <vector>

namespace podrun::pod {

/// Pod `spec.restartPolicy`: after which exits a container is restarted.
enum class RestartPolicy { Always, OnFailure, Never };
/// What a container is in its pod: one of spec.initContainers, one of them with restartPolicy Always, or one of
/// spec.containers.
enum class ContainerRole {
  Init,     ///< runs to its end before the next one begins
  Sidecar,  ///< is started before the next one begins, and ends after the app containers
  App,
};
/// Container `restartPolicyRules[]`: the exit codes after which a container, or all containers of its pod, are restarted
/// whatever the restart policy.
struct RestartRule {
  /// `exitCodes.operator`.
  enum class Operator { In, NotIn };
  Operator exit_codes = Operator::In;
  std::vector<int> values;
  /// `action`.
  enum class Action { Restart, RestartAllContainers };
  Action action = Action::Restart;

  bool operator==(const RestartRule&) const = default;
};
/// Container `terminationMessagePolicy`: whether the end of the log is used when a failed container wrote no message.
enum class TerminationMessagePolicy { File, FallbackToLogsOnError };
/// Container `imagePullPolicy`: when a start asks the registry for an image.
enum class PullPolicy {
  Always,        ///< each time: what the name stands for now is used, and is fetched if it is not there
  IfNotPresent,  ///< only for an image that is not there
  Never,
};

}  // namespace podrun::pod

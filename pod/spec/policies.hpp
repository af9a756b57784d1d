// Policies of a pod that the plan needs as well. They have a header of their own, so that the plan does not depend on
// spec.hpp.
#pragma once

namespace podrun::pod {

/// Pod `spec.restartPolicy`: after which exits a container is restarted.
enum class RestartPolicy { Always, OnFailure, Never };
/// Container `terminationMessagePolicy`: whether the end of the log is used when a failed container wrote no message.
enum class TerminationMessagePolicy { File, FallbackToLogsOnError };

}  // namespace podrun::pod

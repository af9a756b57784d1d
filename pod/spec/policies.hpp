// Two of a pod's policies, apart from spec.hpp for those who need nothing else of it.
#pragma once

namespace podrun::pod {

/// Pod `spec.restartPolicy`: which exits lead to another instance.
enum class RestartPolicy { Always, OnFailure, Never };
/// `terminationMessagePolicy`: what stands in for a message that was not written.
enum class TerminationMessagePolicy { File, FallbackToLogsOnError };

}  // namespace podrun::pod

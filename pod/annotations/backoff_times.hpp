// The times of CrashLoopBackOff: those of Kubernetes, unless the podrun.io/backoff-… annotations set others.
#pragma once

#include <chrono>
#include <string_view>

#include "pod/spec/metadata.hpp"

namespace podrun::pod {

/// The delays before restarts: none before the first, `initial` before the second, then doubled up to `max`.
struct BackoffTimes {
  std::chrono::milliseconds initial = std::chrono::seconds(10);
  std::chrono::milliseconds max = std::chrono::seconds(300);
  std::chrono::milliseconds reset = std::chrono::seconds(600);  ///< the delays start over after a run longer than this

  bool operator==(const BackoffTimes&) const = default;
};

inline constexpr std::string_view backoff_initial_annotation = "podrun.io/backoff-initial";
inline constexpr std::string_view backoff_max_annotation = "podrun.io/backoff-max";
inline constexpr std::string_view backoff_reset_annotation = "podrun.io/backoff-reset";

/// The times in the podrun.io/backoff-… annotations. An annotation that is missing or invalid leaves Kubernetes' time.
BackoffTimes backoff_of(const Metadata& metadata);

}  // namespace podrun::pod

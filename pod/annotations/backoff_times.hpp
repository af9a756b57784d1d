// The times of CrashLoopBackOff: Kubernetes', or what the podrun.io/backoff-… annotations say.
#pragma once

#include <chrono>
#include <string_view>

#include "pod/spec/metadata.hpp"

namespace podrun::pod {

/// CrashLoopBackOff's curve: the first restart at once, the second after `initial`, then doubling up to `max`.
struct BackoffTimes {
  std::chrono::milliseconds initial = std::chrono::seconds(10);
  std::chrono::milliseconds max = std::chrono::seconds(300);
  std::chrono::milliseconds reset = std::chrono::seconds(600);  ///< an instance that ran longer begins it anew

  bool operator==(const BackoffTimes&) const = default;
};

inline constexpr std::string_view backoff_initial_annotation = "podrun.io/backoff-initial";
inline constexpr std::string_view backoff_max_annotation = "podrun.io/backoff-max";
inline constexpr std::string_view backoff_reset_annotation = "podrun.io/backoff-reset";

/// What the podrun.io/backoff-… annotations say; Kubernetes' times where there is none, or a wrong one.
BackoffTimes backoff_of(const Metadata& metadata);

}  // namespace podrun::pod

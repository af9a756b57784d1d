// Reads the times of CrashLoopBackOff.
#include "pod/annotations/backoff_times.hpp"

#include <string>

#include "pod/text/duration.hpp"

namespace podrun::pod {

BackoffTimes backoff_of(const Metadata& metadata) {
  BackoffTimes times;
  const auto read = [&](std::string_view key, std::chrono::milliseconds& time) {
    const auto annotation = metadata.annotations.find(std::string(key));
    if (annotation != metadata.annotations.end()) time = parse_duration(annotation->second).value_or(time);
  };
  read(backoff_initial_annotation, times.initial);
  read(backoff_max_annotation, times.max);
  read(backoff_reset_annotation, times.reset);
  return times;
}

}  // namespace podrun::pod

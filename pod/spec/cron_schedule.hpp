// The schedule of a CronJob.
#pragma once

#include <string_view>

#include "pod/spec/value_syntax.hpp"

namespace podrun::pod {

/// As Kubernetes reads it: five fields of numbers, names, ranges, lists and steps, or a word such as @daily.
ValueError cron_schedule(std::string_view value);

}  // namespace podrun::pod

// Converts a plan to a shell script that starts the same pod with util-linux.
#pragma once

#include <string>

#include "pod/plan/plan.hpp"

namespace podrun::pod {

/// A commented script for POSIX sh that starts the pod, prints "running: pause PID init PID NAME PID …" when all
/// containers run, and removes everything when they have ended or on Ctrl-C. The plan's storage must be a directory
/// that only the script uses. The comments are the words of describe(); where a shell cannot do what podrun does, they
/// also say how podrun does it.
std::string to_script(const PodPlan& plan);

}  // namespace podrun::pod

// The plan as a shell script: the same pod, made by hand with util-linux. Pure.
#pragma once

#include <string>

#include "pod/plan/plan.hpp"

namespace podrun::pod {

/// A commented script for POSIX sh that starts the pod, says "running: pause PID init PID NAME PID …" when
/// every container's program runs, and removes everything when they have ended or on Ctrl-C. The plan's
/// storage must be a directory of the script's own. Each step stands there in the words of describe(); where
/// a shell cannot do what podrun does, the comment says how podrun does it.
std::string to_script(const PodPlan& plan);

}  // namespace podrun::pod

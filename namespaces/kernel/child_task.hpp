// A task whose length the user's data decides, in a short-lived process: its maker goes on, or kills it.
#pragma once

#include <functional>

#include "namespaces/kernel/process.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// What a child of ours is doing. It dies with us; destroying this neither kills nor waits.
struct ChildTask {
  Process process;  ///< its pidfd becomes readable when it is done
  Fd words;         ///< of its error
};

/// Runs `work` in a child of ours, born into the control group `cgroup` if one is given.
Result<ChildTask> start_child_task(const std::function<Result<>()>& work, int cgroup = -1);

/// How it went, in its own words; waits for its end. Being killed is an error.
Result<> finish_child_task(const ChildTask& work);

}  // namespace podrun::ns

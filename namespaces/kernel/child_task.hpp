// Work in a short-lived process: because the user's data decides how long it takes, or because it enters a namespace
// that its caller must not be in.
#pragma once

#include <functional>
#include <string>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Runs `work` in a child process, forked with clone3(2); its value is the exit status. The caller must wait for the
/// child. The child has no signals blocked, is killed when the calling thread ends (PR_SET_PDEATHSIG), and is born into
/// the control group `cgroup` if one is given. Everything below is made of this.
Result<Process> run_in_child(const std::function<int()>& work, int cgroup = -1);

/// Runs `work`, which returns 0 or an errno, in a child and waits for its end. The error is the text of that errno,
/// after `what`.
Result<> run_in_child_to_end(const std::string& what, const std::function<int()>& work, int cgroup = -1);

/// Runs `make` in a child, waits for its end, and takes over the descriptor that it makes. Only the number of an error
/// reaches the caller; `what` precedes its text.
Result<Fd> fd_from_child(const std::string& what, const std::function<Result<Fd>()>& make, int cgroup = -1);

/// Work that runs in a child while the caller does something else. Destroying it neither kills nor waits.
struct ChildTask {
  Process process;  ///< its pidfd becomes readable at its end
  Fd message;       ///< the read end of the pipe for the text of its error
};

/// Starts `work` in a child.
Result<ChildTask> start_child_task(const std::function<Result<>()>& work, int cgroup = -1);

/// Waits for the end of the task and returns its result: an error has the text and the number that the child gave it.
/// A child that was killed is an error, EINTR.
Result<> finish_child_task(const ChildTask& task);

}  // namespace podrun::ns

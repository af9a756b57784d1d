// Starts podrun-prober, which tries network probes and hooks (namespaces/prober/main.cpp says with which rights).
//
//   probes: a child of the supervisor, ends with it · a hook: a child of the pause, at its gate (start_helper.hpp)
#pragma once

#include <string>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"
#include "namespaces/prober/prober_protocol.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Where a prober is started.
struct ProberSite {
  int program;      ///< podrun-prober, open_program()
  int network = -1; ///< the pidfd of a process in the network namespace; -1: the caller's, which is the host's
  int cgroup;       ///< PodCgroup::helpers()
  int empty_root;   ///< an empty directory that no container can write to, O_PATH
  std::string pod;  ///< NAMESPACE_NAME, for its command line
};

/// A prober for probes. Destroying this object ends it: it ends with its socket. Its pidfd becomes readable at its end,
/// and then the caller must wait for it.
struct StartedProber {
  Process process;
  Fd socket;  ///< prober_protocol.hpp
};

/// Starts a prober, a child of the caller. An error: there is no process.
Result<StartedProber> start_prober(const ProberSite& site);

/// A prober that performs one hook and exits with a prober::HookExit, after it has written a message to `output`.
struct StartedHook {
  Process process;  ///< a child of the pause: registered as a command, or it ends at its gate
  Fd gate;          ///< the write end, for the pause
};

/// Starts one. The request's `op` is Once. `as_child_of_parent`: it becomes a child of the caller's parent, the pause;
/// only a test makes it its own. Error E2BIG: the request is too long.
Result<StartedHook> start_hook_prober(const ProberSite& site, prober::Request request, int output,
                                      bool as_child_of_parent = true);

/// Sends a prober a request. Errors: E2BIG; EAGAIN: it does not read; EPIPE: it is gone.
Result<> send_request(int socket, const prober::Request& request);

}  // namespace podrun::ns

// Starts a helper program: an unprivileged program of podrun that parses what others send. It gets the descriptors that
// it works with, and nothing else of the host or of the supervisor.
//
//   supervisor ──clone──▶ enters the network namespace ──exec──▶ the program            ends with the supervisor
//   supervisor ──clone, as a child of the pause──▶ … ──▶ the program: at its gate       ends with the pause
//
//   descriptors  0, 1, 2   /dev/null, or `input` as 0, `output` as 1 and `errors` as 2
//                3 …       those of HelperStart, in their order
//                then      the empty directory that the program makes its root, if there is one
//                then      the gate, if there is one
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

/// Where a helper is started, and how long it lives.
struct HelperSite {
  int program;                      ///< open_program()
  int network = -1;                 ///< what setns(2) takes: a pidfd or a namespace; -1: the caller's, the host's
  int cgroup = -1;                  ///< PodCgroup::helpers(); -1: the caller's
  int empty_root = -1;              ///< an empty directory that no container can write to, O_PATH; -1: none
  std::string pod;                  ///< the first word of its command line: NAMESPACE_NAME, or for whom it works
  bool as_child_of_parent = false;  ///< a child of the caller's parent, the pause: its end ends the helper
  std::uint64_t new_namespaces = 0;  ///< CLONE_NEW… that it is born into; with CLONE_NEWPID it is PID 1 there
};

/// What is started there.
struct HelperStart {
  std::string name;                        ///< argv[0], the program's name
  std::vector<std::string> words{};        ///< the command line after the pod's name
  std::vector<std::string> environment{};  ///< the whole of it
  std::vector<int> descriptors{};          ///< from 3 on; they stay the caller's
  int input = -1;                          ///< its stdin; -1: /dev/null
  int output = -1;                         ///< its stdout; -1: /dev/null
  int errors = -1;                         ///< its stderr; -1: /dev/null
  bool has_gate = false;
};

/// A helper that was started. A child of the pause is registered with it as a command, with its gate, or it ends there.
struct StartedHelper {
  Process process;
  Fd gate;  ///< the write end; empty if it has none
};

/// Starts a helper. The program waits at its gate by itself, after it has given its rights up. An error: there is no
/// process.
Result<StartedHelper> start_helper(const HelperSite& site, const HelperStart& start);

}  // namespace podrun::ns

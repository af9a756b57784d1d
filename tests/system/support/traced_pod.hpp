// A pod under ptrace(2), so that its supervisors can be killed just before a chosen system call. For other processes,
// everything between two system calls is one instant.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace podrun::test {

/// The system call before which a supervisor is killed.
struct Instant {
  int call = 0;   ///< counted from 1; 0: it is not killed
  int clone = 0;  ///< calls are counted after its clone3(2) of this number; 0: from its start
};

/// The result of a run.
struct TracedRun {
  int status = -1;  ///< podrun's exit status, 128+N for signal N
  /// The number of system calls that each supervisor made while it was watched.
  std::vector<int> calls;
  int killed = 0;  ///< the number of supervisors that were killed
};

/// Runs `podrun WORDS…` to its end. `instants[i]` belongs to the i-th supervisor; later supervisors are not watched.
/// The output is written to the file `said`. After a long wait the status is -1.
TracedRun run_traced(const std::vector<std::string>& words, const std::vector<Instant>& instants,
                     const std::string& said);

}  // namespace podrun::test

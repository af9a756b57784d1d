// A pod under ptrace(2), so that its supervisors can be killed just before a system call of their choice: all
// that happens between two system calls is one instant to the rest of the world.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace podrun::test {

/// Just before which system call a supervisor dies.
struct Instant {
  int call = 0;   ///< counted from 1; 0: it lives
  int clone = 0;  ///< counted behind its clone3(2) of that number; 0: from its beginning
};

/// How such a run went.
struct TracedRun {
  int status = -1;  ///< podrun's own exit status, 128+N for signal N
  /// The system calls that each supervisor made, as far as it was watched.
  std::vector<int> calls;
  int killed = 0;  ///< supervisors that died at their instant
};

/// Runs `podrun WORDS…` to its end. `instants[i]` is the i-th supervisor's; those after the last one named are
/// not watched. Output goes to the file `said`. Gives up after a long wait: status -1.
TracedRun run_traced(const std::vector<std::string>& words, const std::vector<Instant>& instants,
                     const std::string& said);

}  // namespace podrun::test

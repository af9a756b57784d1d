// A pod under ptrace(2), so that its supervisors can be killed just before a system call of their choice: all
// that happens between two system calls is one instant to the rest of the world.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

namespace podrun::test {

/// How such a run went.
struct TracedRun {
  int status = -1;  ///< podrun's own exit status, 128+N for signal N
  /// The system calls that each supervisor made, as far as it was watched.
  std::vector<int> calls;
};

/// Runs `podrun WORDS…` to its end. `kill_before[i]`: the i-th supervisor dies just before its system call of
/// that number, counted from 1; 0: it lives. Those after the last one named are not watched. Output goes to
/// the file `said`. Gives up after a long wait: status -1.
TracedRun run_traced(const std::vector<std::string>& words, const std::vector<int>& kill_before,
                     const std::string& said);

}  // namespace podrun::test

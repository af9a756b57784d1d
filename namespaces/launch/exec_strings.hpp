// The strings of an execve(2) in the form that it takes. They are made before the clone, because the child may not
// allocate.
#pragma once

#include <string>
#include <vector>

#include "pod/plan/plan.hpp"

namespace podrun::ns {

/// Points into the step, which must outlive it.
class ExecStrings {
 public:
  explicit ExecStrings(const pod::step::Exec& exec);

  char* const* argv() const { return argv_.data(); }
  char* const* envp() const { return envp_.data(); }
  /// The PATH of that environment, or the search path that a C library uses without one.
  const char* search_path() const { return search_path_; }

 private:
  std::vector<char*> argv_, envp_;
  const char* search_path_;
};

}  // namespace podrun::ns

// A pod whose instances can be counted: each leaves a line of its own in a volume, and the same line in its
// log.
#pragma once

#include <string>

#include "tests/system/support/temporary_root.hpp"

namespace podrun::test {

/// Such a pod, `default_pod`, below a root.
class CountedPod {
 public:
  /// What its containers do.
  enum class Habit {
    Restart,  ///< each fails once and then succeeds (OnFailure)
    Fail,     ///< each fails with a code of its own (Never)
  };

  CountedPod(const TemporaryRoot& root, int containers);

  /// Forgets what former runs left, and writes the manifest; its path.
  std::string write(Habit habit) const;
  /// podrun's own exit status, if all is well.
  static int status_of(Habit habit) { return habit == Habit::Restart ? 0 : 1; }
  /// After its end: every run has one log and every log one run, no two were at the same time, and restart
  /// counts and exit codes are told as they were. `said` is shown if not.
  void check(Habit habit, const std::string& said) const;

 private:
  const TemporaryRoot& root_;
  int containers_;
  std::string image_;
  std::string runs_;
};

}  // namespace podrun::test

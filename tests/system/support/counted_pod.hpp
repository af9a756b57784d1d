// A pod whose instances can be counted. Each writes a unique line to a file in a volume and to its log.
#pragma once

#include <string>

#include "tests/system/support/temporary_root.hpp"

namespace podrun::test {

/// The pod `default_pod` in a root.
class CountedPod {
 public:
  /// The behaviour of its containers.
  enum class Behaviour {
    Restart,  ///< each fails once and then succeeds (OnFailure)
    Fail,     ///< each fails with a code of its own (Never)
  };

  CountedPod(const TemporaryRoot& root, int containers);

  /// Removes the files of former runs, writes the manifest, and returns its path.
  std::string write(Behaviour behaviour) const;
  /// The expected exit status of podrun.
  static int status_of(Behaviour behaviour) { return behaviour == Behaviour::Restart ? 0 : 1; }
  /// To be called after its end. Expects that each run has one log and each log one run, that no two ran at the same
  /// time, and that the recorded restart counts and exit codes are right. `said` is printed if not.
  void check(Behaviour behaviour, const std::string& said) const;

 private:
  const TemporaryRoot& root_;
  int containers_;
  std::string image_;
  std::string runs_;
};

}  // namespace podrun::test

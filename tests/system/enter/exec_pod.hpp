// The pod that `podrun exec` enters in its tests.
#pragma once

#include <string>
#include <vector>

#include "tests/system/support/entered_pod.hpp"

namespace podrun::test {

class Exec : public EnteredPod {
 protected:
  /// The words of a client whose command prints "here" and then waits.
  std::vector<std::string> waiting(const std::string& target) const {
    return script({target}, "echo here; while :; do sleep 100000; done");
  }
};

}  // namespace podrun::test

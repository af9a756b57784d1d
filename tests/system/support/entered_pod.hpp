// A pod for the tests of `podrun exec`, and the processes of a command in it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/system/support/support.hpp"

namespace podrun::test {

/// A pod with two containers that wait: `a` runs as root in /srv, `b` as user 1000 without privilege escalation. Both
/// have the probe, and the variable COLOUR.
class EnteredPod : public testing::Test {
 protected:
  void SetUp() override;

  /// The words of `podrun exec`: the options, and the command, a shell with a script.
  static std::vector<std::string> script(std::vector<std::string> options, const std::string& text);
  Finished exec(const std::vector<std::string>& options, const std::string& text, const Setting& setting = {}) const;

  TemporaryRoot root_;
  Processes pod_;
};

/// The command of a client is the only child of the monitor, which is the only child of the client. 0 if there is none.
pid_t monitor_of(const PodRun& client);
pid_t command_of(const PodRun& client);

}  // namespace podrun::test

// A pod for the tests of `podrun exec`, and what they find out about a command that entered it.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include "tests/system/support/support.hpp"

namespace podrun::test {

/// Two containers that wait: `a` of root's, in /srv, and `b` of user 1000's without privilege escalation. Both have the
/// probe, and COLOUR in their environment.
class EnteredPod : public testing::Test {
 protected:
  void SetUp() override;

  /// The words of `podrun exec`: those before the "--", and the command as a shell's script.
  static std::vector<std::string> script(std::vector<std::string> options, const std::string& text);
  Finished exec(const std::vector<std::string>& options, const std::string& text, const Setting& setting = {}) const;

  TemporaryRoot root_;
  Processes pod_;
};

/// The command of a client that has started it: the only child of its monitor, which is its only child. 0 if not so.
pid_t monitor_of(const PodRun& client);
pid_t command_of(const PodRun& client);

}  // namespace podrun::test

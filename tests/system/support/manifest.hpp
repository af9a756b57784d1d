// Manifests for tests: a test gives the fields that it needs.
#pragma once

#include <string>
#include <vector>

namespace podrun::test {

/// A container. It runs SCRIPT with a shell, or, if that is empty, the command in FIELDS.
struct ContainerText {
  std::string name;
  std::string script;
  std::string fields = "";  ///< more of its fields as YAML, not indented
  std::string image = "localhost/busybox";
};

/// A Pod. SPEC are more of its fields, as YAML, not indented.
std::string manifest(const std::string& name, const std::vector<ContainerText>& containers,
                     const std::string& spec = "restartPolicy: Never");

/// Two containers, `a` and `b`, that wait to be killed.
std::string two_sleepers(const std::string& name);

/// A script that runs COMMANDS and then waits until it is sent TERM. A shell that is PID 1 ignores TERM until its trap
/// is set, so the trap comes first, and a test may send TERM as soon as COMMANDS have printed something.
inline std::string until_stopped_after(const std::string& commands) {
  return "trap 'exit 0' TERM\n" + commands + "\nsleep 1000 & wait $!\n";
}
inline const std::string until_stopped = until_stopped_after(":");
inline const std::string ready_until_stopped = until_stopped_after("echo ready");

}  // namespace podrun::test

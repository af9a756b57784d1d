// Manifests for tests, which are about a few fields and leave the rest to this.
#pragma once

#include <string>
#include <vector>

namespace podrun::test {

/// One container. It runs SCRIPT with a shell, or, without one, the command that FIELDS give it.
struct ContainerText {
  std::string name;
  std::string script;
  std::string fields = "";  ///< more of its fields as YAML, not indented
  std::string image = "localhost/busybox";
};

/// A Pod of that name; SPEC are more of its fields, as YAML, not indented.
std::string manifest(const std::string& name, const std::vector<ContainerText>& containers,
                     const std::string& spec = "restartPolicy: Never");

/// Two containers, `a` and `b`, that wait to be killed.
std::string two_sleepers(const std::string& name);

/// A script that does what COMMANDS say and then runs until it is asked to end. A shell that is PID 1 hears TERM only
/// once its trap is set, so that comes first: who has read a word of COMMANDS may send one.
inline std::string until_stopped_after(const std::string& commands) {
  return "trap 'exit 0' TERM\n" + commands + "\nsleep 1000 & wait $!\n";
}
inline const std::string until_stopped = until_stopped_after(":");
inline const std::string ready_until_stopped = until_stopped_after("echo ready");

}  // namespace podrun::test

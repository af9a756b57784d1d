// Commands of probes and hooks: what they are handed belongs to them alone.
#include <gtest/gtest.h>

#include <fmt/format.h>

#include "tests/system/support/support.hpp"

namespace podrun::test {
namespace {

// Who has a descriptor of a host's file can change its mode and its owner, even if the descriptor is read-only.
TEST(HealthCommand, ItsStandardStreamsAreNoFilesOfTheHost) {
  const TemporaryRoot root;
  const std::string command =
      "{exec: {command: [sh, -c, 'for i in 0 1 2; do "
      "test -p /proc/self/fd/$i || { echo descriptor $i is no pipe; exit 1; }; done; "
      "test -z \"$(cat)$(cat /proc/self/fd/0)\"']}";
  const std::string fields = fmt::format(
      "securityContext: {{runAsUser: 1000}}\nreadinessProbe: {}, periodSeconds: 1}}\nlifecycle: {{postStart: {}}}}}",
      command, command);
  const std::string path = root.write("pod.yaml", manifest("pod", {{"app", until_stopped, fields}}));
  const Finished started = run(root, {"-d", "--wait=ready", path});
  EXPECT_EQ(started.status, 0) << started.err;
  EXPECT_EQ(run(root, {"stop", "pod"}).status, 0);
}

}  // namespace
}  // namespace podrun::test

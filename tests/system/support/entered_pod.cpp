// A pod for the tests of `podrun exec`.
#include "tests/system/support/entered_pod.hpp"

namespace podrun::test {

void EnteredPod::SetUp() {
  const std::string image = "rootfs:" + root_.make_rootfs("image"), sleep = "command: [sleep, '100000']\n";
  const std::string path = root_.write(
      "two.yaml",
      manifest("two",
               {{"a", "", sleep + "workingDir: /srv\nenv: [{name: COLOUR, value: blue}]", image},
                {"b", "",
                 sleep + "env: [{name: COLOUR, value: red}]\n"
                         "securityContext: {runAsUser: 1000, runAsGroup: 5678, allowPrivilegeEscalation: false}",
                 image}},
               "restartPolicy: Always"));
  const Finished started = run(root_, {"-d", path});
  ASSERT_EQ(started.status, 0) << started.err;
  pod_ = processes_of(root_, "default_two");
}

std::vector<std::string> EnteredPod::script(std::vector<std::string> options, const std::string& text) {
  options.insert(options.begin(), "exec");
  options.insert(options.end(), {"--", "sh", "-c", text});
  return options;
}

Finished EnteredPod::exec(const std::vector<std::string>& options, const std::string& text,
                          const Setting& setting) const {
  return run(root_, script(options, text), setting);
}

namespace {

pid_t only_child_of(pid_t pid) {
  const auto children = children_of(pid);
  return children.size() == 1 ? children.front() : 0;
}

}  // namespace

pid_t monitor_of(const PodRun& client) { return only_child_of(client.pid()); }
pid_t command_of(const PodRun& client) { return only_child_of(monitor_of(client)); }

}  // namespace podrun::test

// A pod without a supervisor: a pause with its sandbox, and containers that the test launches. For attacks that need a
// child which is stopped at its gate, or more restarts than the back-off allows.
//
// Only a child of the pause can launch containers. The body of a test therefore runs in such a child, and returns a
// text.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "namespaces/kernel/cgroup.hpp"
#include "namespaces/kernel/fd.hpp"
#include "namespaces/launch/launch.hpp"
#include "namespaces/launch/pause_client.hpp"
#include "pod/compile/compile.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::ns {

/// The pod, for the body of a test. Every failure ends the body's process with a message.
class LaunchWorld {
 public:
  LaunchWorld(PauseClient pause, pid_t pause_pid, pod::PodPlan plan, pod::HostFacts facts);

  /// Starts a child, which goes to its gate and waits there.
  Launched launch(const std::string& container, int instance);
  /// Launches a child, registers it, opens its gate, and waits until its program runs.
  Process start(const std::string& container, int instance);
  /// Waits for the end of a started child and has it reaped. Returns its exit code.
  int finish(const Process& process);
  /// Unmounts the root of the previous instance, as a supervisor does when the next one runs.
  void unmount_old_root(const std::string& container);

  const pod::ContainerPlan& plan(const std::string& container) const;
  const pod::HostFacts& facts() const { return facts_; }
  /// A container's control group.
  Fd group(const std::string& container) const;
  pid_t pause() const { return pause_process_.pid; }
  PauseClient& pause_client() { return pause_; }
  const PodCgroup& cgroup() const { return cgroup_; }
  /// Everything that the containers have written so far.
  std::string output() const;
  /// The host's path of the volume /meeting.
  std::string meeting() const { return plan_.storage + "/../meeting"; }
  /// Waits until the output contains WORDS.
  std::string wait_for_output(const std::string& words);

 private:
  PauseClient pause_;
  Process pause_process_;
  pod::PodPlan plan_;
  pod::HostFacts facts_;
  PodCgroup cgroup_;
  Fd cells_;
  Fd output_;  // a file that all containers append to
};

/// A container that runs the probe. `command` is the arguments of podrun-probe.
struct ProbeContainer {
  std::string name;
  std::vector<std::string> command;
  std::optional<std::int64_t> user = std::nullopt;
  std::string program = "/bin/podrun-probe";
};

/// Runs BODY with a pod, in which each container has /bin/podrun-probe and the shared volume /meeting. Returns the text
/// of BODY. Nothing of the pod is left then.
std::string in_launch_world(const std::vector<ProbeContainer>& containers,
                            const std::function<std::string(LaunchWorld&)>& body);

}  // namespace podrun::ns

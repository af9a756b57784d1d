// A pod without a supervisor: a pause with its sandbox, and containers launched by the machine alone. For
// attacks that need a child stopped at its gate, or more restarts than back-off allows.
//
// Only a child of the pause can launch, so a test's body runs there, in a process of its own, and gives back
// a text.
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

/// What the body of such a test has in hand. Every failure here ends its process with a message.
class LaunchWorld {
 public:
  LaunchWorld(PauseClient pause, pid_t pause_pid, pod::PodPlan plan, pod::HostFacts facts);

  /// A child that stands before its gate, or is on its way there.
  Launched launch(const std::string& container, int instance);
  /// Launches, registers, opens the gate, and waits until the program runs.
  Process start(const std::string& container, int instance);
  /// Waits for the end of a started one and has it reaped. Its exit code.
  int finish(const Process& process);
  /// What a supervisor does when a restarted one runs. It succeeds, or the body's process ends.
  void unmount_old_root(const std::string& container);

  const pod::ContainerPlan& plan(const std::string& container) const;
  const pod::HostFacts& facts() const { return facts_; }
  /// A container's control group.
  Fd group(const std::string& container) const;
  pid_t pause() const { return pause_process_.pid; }
  /// Everything the containers have written so far.
  std::string output() const;
  /// Waits until it contains WORDS.
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

/// Two users of the probe: `command` are the words behind podrun-probe.
struct ProbeContainer {
  std::string name;
  std::vector<std::string> command;
  std::optional<std::int64_t> user = std::nullopt;
};

/// Runs BODY in such a world: each container has /bin/podrun-probe and the shared volume /meeting. Returns
/// what BODY returns; afterwards nothing of the pod is left.
std::string in_launch_world(const std::vector<ProbeContainer>& containers,
                            const std::function<std::string(LaunchWorld&)>& body);

}  // namespace podrun::ns

// The probes and hooks of one container: performs RunHook, StartProbe and StopProbe of the lifecycle, and tells it what
// comes of them.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "namespaces/kernel/process.hpp"
#include "pod/plan/plan.hpp"
#include "pod/spec/probes.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/event_loop.hpp"
#include "supervisor/health/exec_probe.hpp"
#include "supervisor/health/make_command.hpp"
#include "supervisor/health/registered_commands.hpp"
#include "supervisor/lifecycle/adoption.hpp"
#include "supervisor/lifecycle/container_lifecycle.hpp"

namespace podrun::supervisor {

/// What a container's health needs of the container and of the pod.
struct HealthPorts {
  EventLoop& loop;
  RegisteredCommands& commands;
  std::function<const pod::ContainerPlan&()> plan;
  std::function<const ContainerStatus&()> status;
  std::function<int()> instance;  ///< the present one; the status may be that of the next one already
  /// The first process of the present instance.
  std::function<const ns::Process&()> process;
  /// What commands need of the pod. Error: podrun-entry cannot be opened.
  std::function<Result<CommandSite>()> site;
  std::function<void(Event)> handle;
  /// Network probes: see NetworkProber. A function that is empty does nothing.
  std::function<Result<>(pod::ProbeKind, const pod::Probe&, MonotonicTime first,
                         std::function<void(bool succeeded, std::string message)> report)>
      start_network_probe = {};
  std::function<void(pod::ProbeKind)> stop_network_probe = {};
  /// Makes the process of an httpGet hook, which prints why it failed.
  std::function<Result<NewCommand>(const pod::HttpGetAction&, std::string name)> make_http_hook = {};
};

/// "app/post-start-0", "app/liveness-probe": the names of commands in the pause's register.
std::string hook_name(const std::string& container, pod::HookKind kind, int instance);
std::string probe_name(const std::string& container, pod::ProbeKind kind);

/// The probes and hooks of the present instance.
class ContainerHealth {
 public:
  explicit ContainerHealth(HealthPorts ports) : ports_(std::move(ports)) {}

  // ---- actions of the lifecycle ----
  void run_hook(pod::HookKind kind);
  void start_probe(pod::ProbeKind kind);
  void stop_probe(pod::ProbeKind kind);
  /// The present instance is over: nothing of it is heard of any more.
  void end_instance();

  // ---- taking over from a former supervisor ----
  /// What the pause's register says of a hook that is on record as running. What was registered stays there until its end
  /// is on record; so what is not there was never registered, and never ran.
  Registered::Hook hook_in_register(pod::HookKind kind) const;
  /// Whether a command in the register is a hook of the present instance that is on record as running.
  bool is_running_hook(const std::string& command) const;
  /// Hears of the ends of such hooks from now on, also of one that has ended already.
  void resume_hooks();

 private:
  Result<NewCommand> make(const std::string& name, const std::vector<std::string>& argv,
                          std::optional<pod::ContainerPlan>& plan);
  Result<NewCommand> make_hook(pod::HookKind kind, const std::string& name);
  std::string describe(const ns::StepFailure& report, const std::vector<std::string>& argv) const;
  void on_hook_ended(pod::HookKind kind, int instance, const CommandEnd& end);
  void tell_hook_failed(pod::HookKind kind, int instance, std::string message, std::string output);
  MonotonicTime first_attempt(const pod::Probe& probe) const;
  bool is_ending() const { return ns::is_ending(ports_.process().pid); }

  HealthPorts ports_;
  Fd root_;  ///< of the present instance, once a command has needed it
  std::array<std::unique_ptr<ExecProbe>, pod::probe_kinds> probes_;
  std::array<std::optional<pod::ContainerPlan>, pod::probe_kinds> plans_;  ///< of their commands; of this instance
};

}  // namespace podrun::supervisor

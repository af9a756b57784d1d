// A container with probes and hooks, without a lifecycle: for a test that plays it. The body of a test runs in a child of
// a pause, as a supervisor does, and returns a text.
#pragma once

#include <functional>
#include <list>
#include <string>
#include <vector>

#include "supervisor/core/event_loop.hpp"
#include "supervisor/health/container_health.hpp"
#include "tests/namespaces/launch/launch_world.hpp"

namespace podrun::supervisor {

/// One container called "app", which runs.
class HealthWorld {
 public:
  explicit HealthWorld(ns::LaunchWorld& world);
  /// A later supervisor with the same container. The former one does nothing any more.
  explicit HealthWorld(const HealthWorld& former);
  HealthWorld& operator=(const HealthWorld&) = delete;
  /// Takes over the commands in the pause's register.
  void adopt();

  /// Handles events until there are `count`, and returns the last one as words: "liveness failed: timed out after 1s",
  /// "postStart succeeded". After a long wait it returns "nothing happened".
  std::string wait_for_event(std::size_t count);
  /// Handles events until this holds, which is also looked at from time to time. False: it was given up.
  bool run_until(const std::function<bool()>& done);
  /// The groups of commands that the container still has, or "nothing left".
  std::string left_behind() const;
  bool has_groups() const { return left_behind() != "nothing left"; }
  /// The processes of the command that is in flight.
  std::vector<pid_t> processes_in(const std::string& command_group) const;
  /// Sends the container's first process a signal.
  void signal_container(int signal) const;
  /// Files in the volume /meeting.
  bool exists_in_meeting(const std::string& name) const;
  void write_in_meeting(const std::string& name) const;
  CommandSite site() const;
  /// Waits until the pause says something, such as that a command has ended; nobody handles that.
  void wait_until_pause_tells() const;

  ns::LaunchWorld& world;
  EventLoop loop;
  RegisteredCommands commands;
  ns::Process process;
  pod::ContainerPlan plan;
  ContainerStatus status;
  std::vector<std::string> events;
  ContainerHealth health;

 private:
  HealthPorts ports();
  void begin();
  void on_pause();

  Fd entry_;
  Fd empty_root_;
  EventSource pause_watch_;
};

/// A probe or a hook that executes a script of busybox.
pod::ExecAction shell(const std::string& script);
pod::Probe probe_of(const std::string& script);

/// Runs BODY with a container that executes a script of busybox as PID 1.
std::string in_health_world(const std::string& script, const std::function<std::string(HealthWorld&)>& body);

/// Becomes PID 1 that waits.
inline constexpr char waits[] = "exec sleep 100000";

}  // namespace podrun::supervisor

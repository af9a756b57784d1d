// An exec probe of one instance of a container: attempts by its schedule, at most one at a time.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "pod/spec/probe_counter.hpp"
#include "pod/spec/probes.hpp"
#include "pod/text/result.hpp"
#include "supervisor/core/event_loop.hpp"
#include "supervisor/health/probe_schedule.hpp"
#include "supervisor/health/registered_commands.hpp"

namespace podrun::supervisor {

/// What an exec probe needs of its container.
struct ExecProbePorts {
  EventLoop& loop;
  RegisteredCommands& commands;
  /// Makes the command of one attempt.
  std::function<Result<NewCommand>()> make;
  /// Why a command did not begin, in words.
  std::function<std::string(const ns::StepFailure&)> describe;
  /// Whether the container's first process is ending: then the kernel kills the command, which is no result.
  std::function<bool()> is_ending;
  /// The verdict is another one than before.
  std::function<void(bool succeeded, const std::string& message, const std::string& output)> report;
  /// Attempts cannot be made, and why. Called once.
  std::function<void(const std::string& why)> tell_unknown;
};

/// Runs a probe until it is destroyed. An attempt that podrun cannot begin says nothing about the container.
class ExecProbe {
 public:
  /// `name`: of its commands in the pause's register.
  ExecProbe(std::string name, const pod::Probe& probe, MonotonicTime first, ExecProbePorts ports);
  ExecProbe(const ExecProbe&) = delete;
  ExecProbe& operator=(const ExecProbe&) = delete;
  ~ExecProbe();

 private:
  void arm();
  void on_due();
  void begin();
  void wait_for_former();
  void on_timeout();
  void on_end(const CommandEnd& end);
  void on_unknown(const std::string& why);
  void count(pod::ProbeOutcome outcome, const std::string& message, const std::string& output);

  std::string name_;
  std::string timeout_message_;  ///< of the last attempt
  std::chrono::seconds timeout_;
  ExecProbePorts ports_;
  ProbeSchedule schedule_;
  pod::ProbeCounter counter_;
  EventSource timer_;
  bool in_flight_ = false;   ///< the command of an attempt runs
  bool timed_out_ = false;   ///< that one's result was counted
  bool told_unknown_ = false;
};

/// The result of a command in words: "command exited with 1: the last line that it has printed".
std::string describe_end(const CommandEnd& end);

}  // namespace podrun::supervisor

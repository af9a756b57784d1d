// The supervisor's end of the pause protocol (namespaces/pause/pause_protocol.hpp draws it).
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"
#include "namespaces/pause/pause_protocol.hpp"
#include "pod/plan/plan.hpp"
#include "pod/text/result.hpp"

namespace podrun::ns {

using pause::ChildKind;
using pause::Role;

/// A descriptor that the pause keeps, or is to keep.
struct KeptFd {
  Role role = Role::None;
  Fd fd;
};

/// An item of the pause's register: a registered child (pid > 0) or a hold (pid 0).
struct KeptItem {
  std::string name;
  ChildKind kind = ChildKind::Container;
  pid_t pid = 0;
  int instance = 0;
  std::vector<KeptFd> fds;
  int signalled = 0;          ///< the last signal that PauseClient::signal() sent the child; 0: none
  std::optional<int> status;  ///< the wait(2) status of a command that has ended

  /// Moves out the descriptor with that role; empty if there is none.
  Fd take(Role role);
};

/// A descriptor to register, which stays the caller's.
struct RoleFd {
  Role role;
  int fd;
};

/// A child to register.
struct Registration {
  std::string name;  ///< of its container, or of the command
  ChildKind kind = ChildKind::Container;
  int instance = 0;
  pid_t pid = 0;
  std::vector<RoleFd> fds;
  /// The gate at which the child waits, or -1: it waits no more. The pause opens it when the child is stored.
  int gate = -1;
};

/// A registered command that has ended and was reaped.
struct EndedCommand {
  std::string name;
  int status;  ///< of wait(2)
};

/// What the pause has not stored.
struct Refusal {
  std::string name;  ///< of the container, command or hold
  pid_t pid;         ///< 0: a hold
  int number;        ///< errno; pause::Registry::keep() lists them
};

/// Everything that the pause holds, for a supervisor to adopt.
struct Holdings {
  std::vector<KeptItem> children;  ///< the first processes of containers
  std::vector<KeptItem> commands;
  std::vector<KeptItem> holds;
  std::size_t sandbox_steps_done = 0;
  int stops = 0;  ///< INT, TERM, HUP received so far
  unsigned version = 0;
  std::optional<int> previous_exit;  ///< the wait(2) status of the supervisor before this one
  bool previous_hung = false;       ///< it did not answer, and the pause killed it
};

/// The time of a step: CLOCK_BOOTTIME in nanoseconds.
struct StepTime {
  std::int64_t begin;
  std::int64_t end;
};

/// What the sandbox steps have made, as far as those that make it were among them.
struct Sandbox {
  Fd cells;  ///< the pod's /c, O_PATH
  Fd init;   ///< pidfd of the pod's init
};

/// Lets a child continue that waits at its gate.
Result<> open_gate(int gate);

/// The channel to the pause. Errors mean that the pause is gone.
class PauseClient {
 public:
  explicit PauseClient(Fd socket) : socket_(std::move(socket)) {}

  int fd() const { return socket_.get(); }

  /// Asks the pause to perform steps[first…] and returns at once. `cgroup` is the pod's group, for its init.
  Result<> request(const std::vector<pod::SandboxStep>& steps, std::size_t first, int cgroup);
  /// Waits until the pause has performed them; an error names the first that failed ("sandbox step 2 of 5: …").
  Result<Sandbox> await(const std::vector<pod::SandboxStep>& steps, std::size_t first);
  /// Does request() and then await().
  Result<Sandbox> perform(const std::vector<pod::SandboxStep>& steps, std::size_t first, int cgroup);
  /// The times of the steps of the last await().
  const std::vector<StepTime>& step_times() const { return step_times_; }

  /// Registers a child with its descriptors, and has its gate opened. The pause keeps copies of the descriptors until
  /// reap() or acknowledge(), or until the child is registered anew. If it cannot store them, the gate stays closed:
  /// take_refusals() says why. A pause before version 4 opens no gate: then this does.
  Result<> register_child(const Registration& child);
  /// Does register_child(), and waits until the pause has stored it. Error: it has not, and still holds what it held
  /// before; take_refusals() does not say it again. receive_pending() must follow, because messages may have been read.
  Result<> register_and_confirm(const Registration& child);
  Result<> hold(const std::string& name, const std::vector<int>& fds);
  Result<> release(const std::string& name);
  /// Has the pause send a registered child a signal, and record that: whatever happens to the supervisor, it is sent
  /// once. A pause of protocol 2 keeps no record of signals: then the supervisor sends it itself.
  Result<> signal(const Process& child, int number);
  Result<> reap(pid_t pid);
  /// The end of a command is on record.
  Result<> acknowledge(const std::string& command);
  Result<Holdings> list();
  /// Tells the pause that this supervisor has adopted what it holds. From now on, if the supervisor dies, the pause
  /// starts another at once. It also asks from time to time whether the supervisor works: receive_pending() must follow
  /// within `timeout`, or the pause kills it. 0: it never asks.
  Result<> adopted(std::chrono::milliseconds timeout);
  /// Tells the pause that the supervisor only cleans up from now on, which may take any time: the pause asks no more.
  Result<> leaving();
  /// Waits until the pause has handled everything that was sent before.
  Result<> sync();
  /// Ends the pause, and with it the pod, with that exit status.
  Result<> quit(int code);

  /// Handles the messages that the pause sends unasked, answers its questions, and returns the number of stop requests
  /// so far. `gone` is set at the end of file.
  int receive_pending(bool& gone);
  /// Children of the pause that it has reported since the last call: they have ended and are not registered. Each must
  /// be reaped, unless it is a child whose registration is on its way.
  std::vector<pid_t> take_unregistered_children() { return std::exchange(unregistered_children_, {}); }
  /// Registered commands that have ended since the last call. Those that had ended before list() are in its result.
  std::vector<EndedCommand> take_ended_commands() { return std::exchange(ended_commands_, {}); }
  /// What the pause has not stored, since the last call.
  std::vector<Refusal> take_refusals() { return std::exchange(refusals_, {}); }

 private:
  void handle_unasked(const pause::Message& message);

  Fd socket_;
  int stops_ = 0;
  unsigned version_ = 0;  ///< that of the pause, as of the last list(); 0: not yet known
  std::vector<pid_t> unregistered_children_;
  std::vector<EndedCommand> ended_commands_;
  std::vector<Refusal> refusals_;
  std::vector<StepTime> step_times_;
};

}  // namespace podrun::ns

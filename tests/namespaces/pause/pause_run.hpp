// A podrun-pause that a test runs, and the supervisors that it starts. Each supervisor is a shell that prints its pid
// and sleeps. The test talks to the pause through a copy of the shell's socket.
#pragma once

#include <sys/types.h>

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"
#include "namespaces/launch/pause_client.hpp"
#include "namespaces/launch/pause_start.hpp"
#include "tests/supervisor/temporary_directory.hpp"

namespace podrun::ns {

/// A supervisor of the pause, whose part the test plays.
struct FakeSupervisor {
  Process process;
  PauseClient pause;

  /// Sends SIGKILL and waits until it is dead.
  void die() const;
};

/// The names of what the pause holds, or of the children on its register.
std::vector<std::string> names_of(const std::vector<KeptItem>& items);

/// A container's child without a gate. The first descriptor is its process, the second its report.
Registration registration(const std::string& name, int instance, pid_t pid, const std::vector<int>& fds);

/// One pause, from its start to its end. Destroying it kills it.
class PauseRun {
 public:
  /// `shell` is the program that the pause executes for each supervisor after the first one.
  explicit PauseRun(const std::string& shell = "/bin/sh", std::vector<NamedFd> holds = {});
  PauseRun(const PauseRun&) = delete;
  PauseRun& operator=(const PauseRun&) = delete;
  ~PauseRun();

  const Process& process() const { return process_; }
  pid_t pid() const { return process_.pid; }
  const std::string& lock_path() const { return lock_path_; }

  /// Waits for the next supervisor that the pause starts.
  FakeSupervisor next_supervisor();

  /// Waits for its end and gives its exit status, 128+N for signal N.
  int wait_exit();

 private:
  supervisor::TemporaryDirectory directory_;
  std::string lock_path_ = directory_ / "lock";
  Fd started_;  // a FIFO, to which each supervisor writes its pid and a newline
  Process process_;
  bool reaped_ = false;
};

}  // namespace podrun::ns

// A podrun-pause, run by a test, and the supervisors that it starts: each is a shell that says its pid and
// sleeps, while the test speaks through a copy of its socket.
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

/// A supervisor of the pause, in the test's hands.
struct FakeSupervisor {
  Process process;
  PauseClient pause;

  /// SIGKILL, and waits until it is dead.
  void die() const;
};

/// The names of what the pause holds, or of the children on its register.
std::vector<std::string> names_of(const std::vector<KeptItem>& items);

/// One pause, from its start to its end. Destroying it kills it.
class PauseRun {
 public:
  /// `shell`: what starts a later supervisor, /bin/sh unless a test has its own.
  explicit PauseRun(const std::string& shell = "/bin/sh", std::vector<NamedFd> holds = {});
  PauseRun(const PauseRun&) = delete;
  PauseRun& operator=(const PauseRun&) = delete;
  ~PauseRun();

  const Process& process() const { return process_; }
  pid_t pid() const { return process_.pid; }
  const std::string& lock_path() const { return lock_path_; }

  /// The supervisor that is due, as soon as it runs.
  FakeSupervisor next_supervisor();

  /// Waits for its end and gives its exit status, 128+N for signal N.
  int wait_exit();

 private:
  supervisor::TemporaryDirectory directory_;
  std::string lock_path_ = directory_ / "lock";
  Fd started_;  // a FIFO: each supervisor's pid, a line
  Process process_;
  bool reaped_ = false;
};

}  // namespace podrun::ns

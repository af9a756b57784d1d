// A podrun that a test starts and observes: its output, its processes and its exit status.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"
#include "tests/system/support/procfs.hpp"
#include "tests/system/support/temporary_root.hpp"

namespace podrun::test {

class FailingCall;

/// The environment of a run.
struct Setting {
  /// stdin, stdout and stderr are the controlling terminal. All output is in out().
  bool terminal = false;
  std::vector<std::pair<std::string, std::string>> environment;  ///< in addition to PATH
  std::vector<int> inherit;                                      ///< descriptors that stay open with the same number
  std::optional<int> mount_namespace;  ///< the mount namespace; the test's own if there is none
  FailingCall* failing = nullptr;      ///< the system call of the pod that fails, if any
  std::function<void()> before_exec;   ///< runs in the child; must not allocate memory
};

/// A process `podrun --root ROOT WORDS…` in a session of its own. Destroying it kills the process.
class PodRun {
 public:
  PodRun(const TemporaryRoot& root, const std::vector<std::string>& words, const Setting& setting = {});
  /// Runs another program, by its path.
  explicit PodRun(const std::vector<std::string>& command, const Setting& setting = {});
  PodRun(const PodRun&) = delete;
  PodRun& operator=(const PodRun&) = delete;
  ~PodRun();

  /// The process that was started. When the pod has started, this is its pause.
  pid_t pid() const { return process_.pid; }

  /// The output that has been read so far. After wait_exit() it is complete.
  const std::string& out() const { return out_.text; }
  const std::string& err() const { return err_.text; }
  /// Reads the output that is available, and returns out().
  const std::string& out_so_far() {
    read_available(out_);
    return out_.text;
  }

  /// Waits until the output contains WORDS, TIMES times. False at the end of the output, or after DEADLINE.
  testing::AssertionResult wait_for_out(const std::string& words, int times = 1, Deadline deadline = soon()) {
    return wait_for(out_, words, times, deadline);
  }
  testing::AssertionResult wait_for_err(const std::string& words, int times = 1, Deadline deadline = soon()) {
    return wait_for(err_, words, times, deadline);
  }
  /// Waits until all write ends of both streams are closed.
  testing::AssertionResult wait_for_end_of_output();

  /// Sends a signal to this process only.
  void signal(int number) const;
  /// Types on its terminal. "\x03" is Ctrl-C, for which the kernel sends a signal to the foreground group.
  void type(const std::string& keys) const;
  /// Closes its terminal, as closing a window does.
  void hang_up() { out_.fd.reset(), terminal_.reset(); }
  /// Changes the size of its terminal.
  void resize(unsigned short rows, unsigned short columns) const;
  /// Whether its terminal echoes and edits lines.
  bool is_terminal_cooked() const;
  /// Closes the read end of its stdout, as `| head` does.
  void close_out() { out_.fd.reset(); }

  /// Reads output until the process ends, and returns its exit status, 128+N for signal N. -1 if it has not ended at
  /// the deadline.
  int wait_exit(Deadline deadline = soon());

 private:
  struct Stream {
    Fd fd;
    std::string text;
  };
  void start(const std::vector<std::string>& words, const Setting& setting, int in, int out, int err);
  void read_available(Stream& stream) const;
  bool collect(Deadline deadline, int also = -1);
  testing::AssertionResult wait_for(Stream& stream, const std::string& words, int times, Deadline deadline);

  ns::Process process_;
  bool reaped_ = false;
  int status_ = -1;
  Stream out_, err_;
  Fd terminal_;  // a descriptor of the terminal, which stays open
};

/// The result of a run.
struct Finished {
  int status;
  std::string out;
  std::string err;
};
/// Runs `podrun --root ROOT WORDS…` to its end.
Finished run(const TemporaryRoot& root, const std::vector<std::string>& words, const Setting& setting = {});

/// A message as it would be without --root, which is in each command that it suggests.
std::string without_root(std::string message, const TemporaryRoot& root);

}  // namespace podrun::test

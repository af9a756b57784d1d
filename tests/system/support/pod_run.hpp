// podrun, started by a test and looked at from outside: its output as it comes, its processes, its exit
// status.
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

/// What a run of podrun finds around itself.
struct Setting {
  /// stdin, stdout and stderr are a terminal, the controlling one; everything is in out().
  bool terminal = false;
  std::vector<std::pair<std::string, std::string>> environment;  ///< beside PATH
  std::vector<int> inherit;            ///< descriptors that stay open, of the same number
  std::optional<int> mount_namespace;  ///< setns(2) there first; none: the test's own
  FailingCall* failing = nullptr;      ///< a call of the pod's that fails; none: all are made
  std::function<void()> before_exec;   ///< what else the process does first, without allocating memory
};

/// One process `podrun --root ROOT WORDS…`, in a session of its own. Destroying it kills that process.
class PodRun {
 public:
  PodRun(const TemporaryRoot& root, const std::vector<std::string>& words, const Setting& setting = {});
  /// Another program, by its path, looked at in the same way.
  explicit PodRun(const std::vector<std::string>& command, const Setting& setting = {});
  PodRun(const PodRun&) = delete;
  PodRun& operator=(const PodRun&) = delete;
  ~PodRun();

  /// The process that was started: from the pod's start on, its pause.
  pid_t pid() const { return process_.pid; }

  /// Everything it has written so far (and everything it can have written, after wait_exit).
  const std::string& out() const { return out_.text; }
  const std::string& err() const { return err_.text; }
  /// The same as out(), once what is there has been read.
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
  /// Waits until every writer of both streams is gone.
  testing::AssertionResult wait_for_end_of_output();

  /// Sends a signal to it alone.
  void signal(int number) const;
  /// Types on its terminal: "\x03" is Ctrl-C, which the kernel turns into a signal to the foreground group.
  void type(const std::string& keys) const;
  /// Closes its terminal, as a window's end does.
  void hang_up() { out_.fd.reset(), terminal_.reset(); }
  /// Gives its terminal another size.
  void resize(unsigned short rows, unsigned short columns) const;
  /// Whether its terminal echoes and edits lines, as one at a prompt does.
  bool is_terminal_cooked() const;
  /// Closes our end of its stdout, as `| head` does.
  void close_out() { out_.fd.reset(); }

  /// Collects output until it ends, then gives its exit status, 128+N for signal N; -1 if it has not ended by
  /// then.
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
  Fd terminal_;  // our end of it, also when nobody has the other one any more
};

/// A verb's result.
struct Finished {
  int status;
  std::string out;
  std::string err;
};
/// Runs `podrun --root ROOT WORDS…` to its end.
Finished run(const TemporaryRoot& root, const std::vector<std::string>& words, const Setting& setting = {});

}  // namespace podrun::test

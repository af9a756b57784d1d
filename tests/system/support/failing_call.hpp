// One system call of one process of a pod fails, by the kernel's own hand: seccomp_unotify(2). The programs
// know nothing of it, and run as they always do.
#pragma once

#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "namespaces/kernel/fd.hpp"

struct seccomp_notif;

namespace podrun::test {

/// Who makes a call.
enum class Caller {
  First,       ///< the process that is started, until it is the pause; with -d the caller's, too
  Pause,       //
  Supervisor,  ///< any of the pod's, and the helpers that work for it
  Child,       ///< a container's own process, until its exec, and those that go before it
};

/// Some arguments of a call: which, from 0, and its value.
using Arguments = std::map<std::size_t, std::uint64_t>;

/// A system call of a pod. What is left out may be anything.
struct Call {
  static constexpr long any = -1;

  Caller caller;
  long number = any;                            ///< SYS_…
  Arguments arguments = {};                     //
  std::string text;                             ///< what one of its arguments points to
  std::string container;                        ///< of a Child
  int instance = 0;                             ///< of that container, from 0
  bool joins_pids = false;                      ///< that container: others go before its process
  int nth = 1;                                  ///< of those that are like this
};

/// Lets one such call of a PodRun fail, whose Setting names it. To be destroyed after that.
class FailingCall {
 public:
  /// Instead of an error: who is about to make the call is killed.
  static constexpr int killed = -1;

  FailingCall(Call call, int error);
  FailingCall(const FailingCall&) = delete;
  FailingCall& operator=(const FailingCall&) = delete;
  ~FailingCall();

  /// Runs START, which forks: its children are the pod. Once.
  void run(const std::function<void()>& start);
  /// Whether the call has been made, and failed.
  bool has_failed() const { return has_failed_; }
  /// Which it was: its number.
  long number() const { return number_; }

 private:
  void watch();
  bool is_the_one(const seccomp_notif& made);
  bool is_of_instance(pid_t pid);

  Call call_;
  int error_;
  Fd end_;  // of watching
  std::atomic<int> listener_ = -1;
  std::atomic<pid_t> starter_ = 0;
  std::atomic<bool> has_failed_ = false;
  std::atomic<long> number_ = Call::any;
  int seen_ = 0;
  /// The processes of one: who comes first, outside of its PID namespace, and who becomes the container's, in it.
  struct Instance {
    pid_t outer = 0, inner = 0;
  };
  std::vector<Instance> instances_;  // of the container, oldest first
  std::thread watcher_;
};

}  // namespace podrun::test

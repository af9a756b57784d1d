// Makes one system call of one process of a pod fail, with seccomp_unotify(2). The programs are not changed for it.
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

/// The process that makes a call.
enum class Caller {
  First,       ///< the process that is started, until it becomes the pause; with -d also the caller
  Pause,       //
  Supervisor,  ///< any supervisor of the pod, and its helpers
  Child,       ///< the process of a container until its exec, and the processes that prepare it
};

/// The values of some arguments of a call, by their positions from 0.
using Arguments = std::map<std::size_t, std::uint64_t>;

/// A system call of a pod. Fields that are not set match any call.
struct Call {
  static constexpr long any = -1;

  Caller caller;
  long number = any;                            ///< SYS_…
  Arguments arguments = {};                     //
  std::string text;                             ///< a string to which one of its arguments points
  std::string container;                        ///< the container of a Child
  int instance = 0;                             ///< the instance of that container, from 0
  bool joins_pids = false;  ///< whether that container joins a PID namespace, so that other processes prepare it
  int nth = 1;              ///< the position among the calls that match
};

/// Makes one call of a PodRun fail. The PodRun gets it in its Setting, and must be destroyed first.
class FailingCall {
 public:
  /// In place of an errno: the process that makes the call is killed.
  static constexpr int killed = -1;

  FailingCall(Call call, int error);
  FailingCall(const FailingCall&) = delete;
  FailingCall& operator=(const FailingCall&) = delete;
  ~FailingCall();

  /// Runs START, which forks the pod. To be called once.
  void run(const std::function<void()>& start);
  /// Whether the call was made and failed.
  bool has_failed() const { return has_failed_; }
  /// The number of the call that failed.
  long number() const { return number_; }

 private:
  void watch();
  bool is_the_one(const seccomp_notif& made);
  bool is_of_instance(pid_t pid);

  Call call_;
  int error_;
  Fd end_;  // ends the watcher
  std::atomic<int> listener_ = -1;
  std::atomic<pid_t> starter_ = 0;
  std::atomic<bool> has_failed_ = false;
  std::atomic<long> number_ = Call::any;
  int seen_ = 0;
  /// The processes of an instance: the first one, outside of its PID namespace, and the one inside that becomes the
  /// container.
  struct Instance {
    pid_t outer = 0, inner = 0;
  };
  std::vector<Instance> instances_;  // the instances of the container, oldest first
  std::thread watcher_;
};

}  // namespace podrun::test

// A mount namespace for tests that mount something, or that need `/` to be shared as under systemd.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"

namespace podrun::test {

/// A mount namespace. A process of its own holds it until the destruction.
class MountNamespace {
 public:
  /// All its mounts get PROPAGATION, MS_SHARED or MS_PRIVATE. Then SET_UP runs in it, and returns whether it succeeded.
  MountNamespace(unsigned long propagation, const std::function<bool()>& set_up);
  MountNamespace(const MountNamespace&) = delete;
  MountNamespace& operator=(const MountNamespace&) = delete;
  ~MountNamespace();

  /// Its descriptor, for setns(2).
  int fd() const { return namespace_.get(); }
  /// The lines of its mountinfo.
  std::vector<std::string> mounts() const;
  /// Runs WORK in it, in a process of its own, and returns the result.
  bool run(const std::function<bool()>& work) const;

 private:
  ns::Process holder_;
  Fd lifeline_;  // when it is closed, the holder ends
  Fd namespace_;
};

/// Runs WORK in a child that has entered the mount namespace FD, and returns the result.
bool run_in_mount_namespace(int fd, const std::function<bool()>& work);

}  // namespace podrun::test

// A host within the host: a mount namespace for tests that mount something, or want `/` to be shared as under
// systemd.
#pragma once

#include <sys/types.h>

#include <functional>
#include <string>
#include <vector>

#include "namespaces/kernel/fd.hpp"
#include "namespaces/kernel/process.hpp"

namespace podrun::test {

/// Held by a process that does nothing else, and gone with it.
class MountNamespace {
 public:
  /// PROPAGATION of all its mounts: MS_SHARED, MS_PRIVATE. SET_UP then runs in it, and says whether it
  /// succeeded.
  MountNamespace(unsigned long propagation, const std::function<bool()>& set_up);
  MountNamespace(const MountNamespace&) = delete;
  MountNamespace& operator=(const MountNamespace&) = delete;
  ~MountNamespace();

  /// For setns(2).
  int fd() const { return namespace_.get(); }
  /// The lines of its mountinfo.
  std::vector<std::string> mounts() const;
  /// Whether WORK, done in it by a process of its own, says so.
  bool run(const std::function<bool()>& work) const;

 private:
  ns::Process holder_;
  Fd lifeline_;  // its end tells the holder to end
  Fd namespace_;
};

/// Whether WORK, done by a child that first entered the mount namespace FD, says so.
bool run_in_mount_namespace(int fd, const std::function<bool()>& work);

}  // namespace podrun::test

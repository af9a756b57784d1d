// What systemd is told of the pod: sd_notify(3), sent in the name of the pause, which is the unit's main process.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

namespace podrun::supervisor {

/// Does nothing where no $NOTIFY_SOCKET is set.
class Notifier {
 public:
  explicit Notifier(pid_t main_process) : main_process_(main_process) {}

  /// READY=1 with a STATUS= text.
  void ready(const std::string& status) const;
  /// STATUS= alone.
  void status(const std::string& status) const;
  /// STOPPING=1, and EXTEND_TIMEOUT_USEC= for as long as the grace period may take.
  void stopping(std::chrono::nanoseconds grace) const;

 private:
  void send(const std::string& message) const;
  pid_t main_process_;
};

}  // namespace podrun::supervisor

// What systemd is told of the pod: sd_notify(3), sent in the name of the pause, which is the unit's main process.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

namespace podrun::supervisor {

/// Does nothing where no $NOTIFY_SOCKET is set.
class Notifier {
 public:
  explicit Notifier(pid_t main_process);

  /// Whether there is anybody to tell.
  bool is_heard() const { return is_heard_; }
  /// READY=1 with a STATUS= text.
  void ready(const std::string& status);
  /// STATUS= alone, unless that is what was said last.
  void status(const std::string& status);
  /// STOPPING=1 with a STATUS= text, and EXTEND_TIMEOUT_USEC= for as long as the grace period may take.
  void stopping(std::chrono::nanoseconds grace, const std::string& status);

 private:
  void send(const std::string& assignments, const std::string& status);
  pid_t main_process_;
  bool is_heard_;
  std::string last_status_;
};

}  // namespace podrun::supervisor

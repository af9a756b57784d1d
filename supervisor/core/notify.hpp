// Reports the state of the pod to systemd: sd_notify(3), in the name of the pause, which is the main process of the
// unit.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>

namespace podrun::supervisor {

/// Sends notifications. Does nothing if $NOTIFY_SOCKET is not set.
class Notifier {
 public:
  /// `main_process` is the main process of the unit, in whose name messages are sent.
  explicit Notifier(pid_t main_process);

  /// Whether $NOTIFY_SOCKET is set.
  bool is_heard() const { return is_heard_; }
  /// Sends READY=1 with a STATUS= text.
  void ready(const std::string& status);
  /// Sends STATUS= alone, unless it is the text that was sent last.
  void status(const std::string& status);
  /// Sends STOPPING=1 with a STATUS= text, and EXTEND_TIMEOUT_USEC= for the longest time that the stop may take.
  void stopping(std::chrono::nanoseconds grace, const std::string& status);

 private:
  void send(const std::string& assignments, const std::string& status);
  pid_t main_process_;
  bool is_heard_;
  std::string last_status_;
};

}  // namespace podrun::supervisor

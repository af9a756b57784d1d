// Reports the state of the pod to systemd.
#include "supervisor/core/notify.hpp"

#include <systemd/sd-daemon.h>

#include <cstdlib>

#include <fmt/format.h>

namespace podrun::supervisor {
namespace {

/// An upper bound of the time that the clean-up after the grace period takes.
constexpr std::chrono::seconds clean_up_margin{15};

}  // namespace

Notifier::Notifier(pid_t main_process)
    : main_process_(main_process), is_heard_(std::getenv("NOTIFY_SOCKET") != nullptr) {}

void Notifier::send(const std::string& assignments, const std::string& status) {
  last_status_ = status;
  // NotifyAccess=main accepts messages of the main process only; root may send with the credentials of another process.
  // A failure is ignored: a systemd that does not listen must not disturb the pod.
  if (is_heard_) sd_pid_notify(main_process_, 0, (assignments + "STATUS=" + status).c_str());
}

void Notifier::ready(const std::string& status) { send("READY=1\n", status); }

void Notifier::status(const std::string& status) {
  if (status != last_status_) send("", status);
}

void Notifier::stopping(std::chrono::nanoseconds grace, const std::string& status) {
  const auto extension = std::chrono::duration_cast<std::chrono::microseconds>(grace + clean_up_margin);
  send(fmt::format("STOPPING=1\nEXTEND_TIMEOUT_USEC={}\n", extension.count()), status);
}

}  // namespace podrun::supervisor

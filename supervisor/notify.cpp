// What systemd is told of the pod.
#include "supervisor/notify.hpp"

#include <systemd/sd-daemon.h>

#include <fmt/format.h>

namespace podrun::supervisor {
namespace {

/// What the clean-up after the grace period may take, generously.
constexpr std::chrono::seconds clean_up_margin{15};

}  // namespace

void Notifier::send(const std::string& message) const {
  // NotifyAccess=main: as root we may send with the main process's credentials. A systemd that is not listening is
  // no reason to disturb the pod.
  sd_pid_notify(main_process_, 0, message.c_str());
}

void Notifier::ready(const std::string& status) const { send("READY=1\nSTATUS=" + status); }

void Notifier::status(const std::string& status) const { send("STATUS=" + status); }

void Notifier::stopping(std::chrono::nanoseconds grace) const {
  const auto extension = std::chrono::duration_cast<std::chrono::microseconds>(grace + clean_up_margin);
  send(fmt::format("STOPPING=1\nSTATUS=Stopping\nEXTEND_TIMEOUT_USEC={}", extension.count()));
}

}  // namespace podrun::supervisor

// A start with -d, seen from the process that waits for it.
#include "supervisor/engine/detached_start.hpp"

#include <unistd.h>

#include <cerrno>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/channel.hpp"
#include "namespaces/kernel/child_task.hpp"
#include "pod/spec/pod_name.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/logs/log_screen.hpp"

namespace podrun::supervisor {

Result<DetachedStart> DetachedStart::begin(const std::function<ExitStatus(Fd result)>& start) {
  ns::Channel pipe = TRY(ns::make_pipe());
  const auto start_in_child = [&] {
    pipe.first.reset();
    return static_cast<int>(start(std::move(pipe.second)));
  };
  return DetachedStart(TRY(ns::run_in_child(start_in_child)), std::move(pipe.first));
}

bool DetachedStart::hear() {
  char buffer[4096];
  const ssize_t length = ::read(pipe_.get(), buffer, sizeof buffer);
  if (length > 0) heard_.append(buffer, static_cast<std::size_t>(length));
  return length > 0 || (length < 0 && errno == EINTR);
}

ExitStatus DetachedStart::finish() {
  while (hear()) {
  }
  std::string_view words = heard_;
  const auto wait_for_child = [&] {
    const auto end = ns::wait_for(process_);
    return end && *end >= 0 ? ns::exit_code_of(*end) : 128;
  };
  if (words.empty()) {
    // It has said itself what is wrong.
    const int code = wait_for_child();
    if (code < 128) return static_cast<ExitStatus>(code);
    log_error("the start was killed by signal {}", code - 128);
    return ExitStatus::Bug;
  }
  const std::string id(cut_line(words));
  const auto status = words.empty() ? ExitStatus::CannotStart : static_cast<ExitStatus>(words.front());
  if (words.empty())
    log_error("pod {}: the start ended, and the supervisor did not say why", pod::pod_name(id));
  else
    words.remove_prefix(1);
  while (!words.empty()) log_error("{}", cut_line(words));
  if (status == ExitStatus::CannotStart) {
    // Nothing may be left when this returns, including the process that was to become the pod.
    (void)wait_for_child();
    return status;
  }
  const ExitStatus printed = print(pod::pod_name(id) + "\n");
  return status == ExitStatus::Succeeded ? printed : status;
}

void announce_pod(const Fd& result, const std::string& id) {
  const std::string line = id + "\n";
  (void)!::write(result.get(), line.data(), line.size());
}

void send_start_result(const Fd& result, ExitStatus status, const std::string& words) {
  const std::string message = static_cast<char>(status) + words;
  (void)!::write(result.get(), message.data(), message.size());
}

}  // namespace podrun::supervisor

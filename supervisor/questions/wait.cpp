// podrun wait: returns when pods are ready, have ended, or are gone.
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <optional>
#include <string>

#include <fmt/format.h>

#include "pod/spec/pod_name.hpp"
#include "supervisor/cli/pod_operands.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/history/event_log.hpp"
#include "supervisor/history/find_view.hpp"
#include "supervisor/history/why.hpp"
#include "supervisor/questions/questions.hpp"
#include "supervisor/state/pod_lock.hpp"

namespace podrun::supervisor::commands {
namespace {

using std::chrono::milliseconds;

/// When the time of --timeout is over; empty: never.
using Deadline = std::optional<BootTime>;

/// What poll(2) takes: the time that is left, at least 0; -1 without a deadline.
int left_until(const Deadline& deadline) {
  if (!deadline) return -1;
  const auto left = std::chrono::ceil<milliseconds>(*deadline - boot_now());
  constexpr milliseconds longest = std::chrono::hours(24);  // then it is computed again
  return static_cast<int>(std::clamp(left, milliseconds(0), longest).count());
}

/// Waits until the state of a pod changes, or its pause ends.
class PodWatch {
 public:
  PodWatch(const Layout& layout, const std::string& id)
      : pause_(open_pause(layout, id)), inotify_(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK)) {
    // Two files exchange their names at each change of the state. The folder is removed at the end.
    constexpr std::uint32_t changes = IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_DELETE_SELF | IN_ONLYDIR;
    (void)::inotify_add_watch(inotify_.get(), layout.run_of(id).c_str(), changes);
  }

  const Fd& pause() const { return pause_; }

  /// False: the time is over.
  bool wait(const Deadline& deadline) {
    std::array<pollfd, 2> fds = {{{inotify_.get(), POLLIN, 0}, {pause_.get(), POLLIN, 0}}};
    const int heard = ::poll(fds.data(), fds.size(), left_until(deadline));
    std::array<char, 4096> news;
    while (::read(inotify_.get(), news.data(), news.size()) > 0) continue;
    if (fds[1].revents != 0) pause_.reset();  // what is left is read once more, and is final
    return heard != 0 || (deadline && *deadline > boot_now());
  }

 private:
  Fd pause_;
  Fd inotify_;
};

/// "pod web is not ready after 30s: app waits for its readiness probe, which fails: HTTP 503"
ExitStatus timed_out(const Layout& layout, const std::string& id, const Options& options) {
  const std::string name = pod::pod_name(id);
  const std::string_view what = options.awaited == Awaited::Ready       ? "is not ready"
                                : options.awaited == Awaited::Completed ? "has not ended"
                                                                        : "is not gone";
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*options.timeout).count();
  const std::string why =
      supervisor::why(find_view(layout, id), read_events(last_log_folder(layout, id)), "", wall_now());
  return report_error(ExitStatus::Failed, fmt::format("pod {} {} after {}s: {}", name, what, seconds, why));
}

ExitStatus wait_for_outcome(const Layout& layout, const std::string& id, const Options& options,
                            const Deadline& deadline) {
  PodWatch watch(layout, id);
  while (true) {
    const bool runs = is_running(layout, id);
    const WaitOutcome outcome = outcome_of(find_view(layout, id), options.awaited);
    switch (outcome.state) {
      case WaitOutcome::State::Met: return ExitStatus::Succeeded;
      case WaitOutcome::State::Never:
        return report_error(ExitStatus::Failed, fmt::format("pod {}: {}{}", pod::pod_name(id), outcome.why,
                                                            options.awaited == Awaited::Ready
                                                                ? ", so it does not become ready"
                                                                : ""));
      case WaitOutcome::State::NotYet: break;
    }
    if (!runs) return report_error(ExitStatus::Failed, fmt::format("pod {} does not run", pod::pod_name(id)));
    if (!watch.wait(deadline)) return timed_out(layout, id, options);
  }
}

ExitStatus wait_for_deletion(const Layout& layout, const std::string& id, const Options& options,
                             const Deadline& deadline) {
  PodWatch watch(layout, id);
  while (is_running(layout, id)) {
    // The lock is released shortly before the process is gone.
    if (!watch.pause()) {
      const auto unlocked = wait_until_unlocked(layout, id);
      if (!unlocked) return report_error(ExitStatus::Failed, unlocked.error().message);
      break;
    }
    if (!watch.wait(deadline)) return timed_out(layout, id, options);
  }
  return ExitStatus::Succeeded;
}

}  // namespace

ExitStatus wait(const Invocation& invocation) {
  const Options& options = invocation.options;
  const NamedPods pods = find_pods(invocation.layout, options);
  ExitStatus status = report_errors(pods.errors);
  Deadline deadline;
  if (options.timeout) deadline = boot_now() + *options.timeout;
  for (const std::string& id : pods.ids)
    status = greatest(status, options.awaited == Awaited::Deleted
                                  ? wait_for_deletion(invocation.layout, id, options, deadline)
                                  : wait_for_outcome(invocation.layout, id, options, deadline));
  return status;
}

}  // namespace podrun::supervisor::commands

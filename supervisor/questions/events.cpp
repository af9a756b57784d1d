// podrun events: lists what has happened to a pod.
#include <poll.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <set>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "pod/json/json.hpp"
#include "supervisor/cli/pod_operands.hpp"
#include "supervisor/core/clock.hpp"
#include "supervisor/core/console.hpp"
#include "supervisor/history/event_log.hpp"
#include "supervisor/history/find_view.hpp"
#include "supervisor/questions/questions.hpp"
#include "supervisor/show/event_table.hpp"
#include "supervisor/state/pod_lock.hpp"

namespace podrun::supervisor::commands {
namespace {

/// Prints events as they come. A table needs its widths before.
class Printer {
 public:
  Printer(const PodView& pod, Format format) : pod_(pod), format_(format) {}

  /// False: nobody reads any more, or an error, which was reported.
  bool print_new(const std::vector<LoggedEvent>& events) {
    std::vector<LoggedEvent> fresh;
    for (const LoggedEvent& event : events)
      if (seen_.insert(event.id).second) fresh.push_back(event);
    if (fresh.empty() || write_all(STDOUT_FILENO, text_of(fresh))) return true;
    status_ = errno == EPIPE ? ExitStatus::Succeeded
                             : report_error(ExitStatus::Failed, Error::system("standard output").message);
    return false;
  }
  ExitStatus status() const { return status_; }

 private:
  std::string text_of(const std::vector<LoggedEvent>& events) {
    if (format_ == Format::Text) return event_table(events, pod_, wall_now(), std::exchange(heading_, false));
    std::string lines;
    for (const LoggedEvent& event : events) lines += pod::json::dump(to_object(event, subject_of(pod_))) + "\n";
    return lines;
  }

  const PodView& pod_;
  Format format_;
  bool heading_ = true;
  std::set<std::string> seen_;
  ExitStatus status_ = ExitStatus::Succeeded;
};

/// Whether the pod still runs, after waiting for news.
bool wait_for_news(const Fd& inotify, const Fd& pause) {
  std::array<pollfd, 2> fds = {{{inotify.get(), POLLIN, 0}, {pause.get(), POLLIN, 0}}};
  while (::poll(fds.data(), fds.size(), -1) < 0 && errno == EINTR) continue;
  std::array<char, 4096> news;
  while (::read(inotify.get(), news.data(), news.size()) > 0) continue;
  return fds[1].revents == 0;
}

ExitStatus follow(const ns::DirectoryHandle& folder, const Fd& pause, Printer& printer) {
  const Fd inotify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  const std::string path = fmt::format("/proc/self/fd/{}", folder.fd());
  // The folder, not the file: that may not be there yet, and is renamed when it is full.
  if (!inotify || ::inotify_add_watch(inotify.get(), path.c_str(), IN_MODIFY | IN_CREATE | IN_MOVED_TO) < 0)
    return report_error(ExitStatus::Failed, Error::system("cannot watch the events").message);
  bool runs = bool(pause);
  while (printer.print_new(read_events(folder)) && runs) runs = wait_for_news(inotify, pause);
  return printer.status();
}

}  // namespace

ExitStatus events(const Invocation& invocation) {
  const Options& options = invocation.options;
  const auto operand = find_operand(invocation.layout, options);
  if (!operand) return report_error(operand.error());
  const Fd pause = options.follow ? open_pause(invocation.layout, operand->id) : Fd();
  const PodView pod = find_view(invocation.layout, operand->id);
  const ns::DirectoryHandle folder = last_log_folder(invocation.layout, operand->id);
  Printer printer(pod, options.format);
  if (options.follow) return follow(folder, pause, printer);
  const std::vector<LoggedEvent> all = read_events(folder);
  if (options.format == Format::Json) return print(to_json(all, subject_of(pod)));
  if (all.empty()) note("there are no events of this pod");
  printer.print_new(all);
  return printer.status();
}

}  // namespace podrun::supervisor::commands

// The logs of a pod as a whole.
#include "supervisor/engine/log_service.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>

#include "supervisor/core/log.hpp"
#include "supervisor/engine/container_log.hpp"

namespace podrun::supervisor {
namespace {

std::size_t longest_name(const pod::PodPlan& plan) {
  std::size_t longest = 0;
  for (const pod::ContainerPlan& container : plan.containers) longest = std::max(longest, container.name.size());
  return longest;
}

}  // namespace

LogService::LogService(PodContext& pod) : pod_(pod), folder_(pod.layout.log_folder(pod.plan.id, pod.plan.uid)) {
  const PodRecord& record = pod.record;
  if (!record.detached)
    terminal_.emplace(std::max(longest_name(pod.plan), record.name_width), colours_by_environment(), STDOUT_FILENO,
                      STDERR_FILENO, record.raw);
  const LogTarget target = record.detached      ? LogTarget::File
                           : stderr_is_journal() ? LogTarget::Journal
                                                 : LogTarget::Terminal;
  set_up_log(target, {.pod_id = pod.plan.id, .prefix = record.prefix}, [this](std::string_view line) {
    if (terminal_) terminal_->message(line);
  });
  if (const auto opened = folder_.open(); !opened) log_warning("{}", opened.error().message);
}

bool LogService::waits_for_terminal() const {
  return std::ranges::any_of(terminal_watches_, [](const EventSource& watch) { return bool(watch); });
}

bool LogService::show_all() {
  bool all = true;
  for (ContainerLog* const log : logs_) all &= log->show();
  return all;
}

void LogService::wait_for_terminal() {
  const auto go_on = [this] {
    for (EventSource& watch : terminal_watches_) watch.reset();
    if (show_all()) all_shown_();
  };
  for (const Stream stream : streams) {
    EventSource& watch = terminal_watches_[static_cast<std::size_t>(stream)];
    const int blocked = terminal_->blocked_fd(stream);
    if (watch || blocked < 0) continue;
    auto watched = pod_.loop.watch(blocked, EPOLLOUT, go_on);
    if (!watched) watched = pod_.loop.soon(go_on);  // a regular file cannot be polled, and never blocks
    if (watched) watch = std::move(*watched);
  }
}

bool LogService::make_room() {
  ContainerLog* of = nullptr;
  LogFileStat oldest;
  for (ContainerLog* const log : logs_)
    for (const LogFileStat& file : find_logs(log->folder()))
      if (!file.file.rotated.empty() && (of == nullptr || file.file.rotated < oldest.file.rotated))
        of = log, oldest = file;
  if (of == nullptr) return false;
  // Truncated first: a reader, or for a moment the pause, may have the file open, which would keep its disk space.
  if (const auto file = of->folder().open_file(oldest.file.name(), O_WRONLY)) (void)!::ftruncate(file->get(), 0);
  return of->remove(oldest);
}

}  // namespace podrun::supervisor

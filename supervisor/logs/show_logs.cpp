// Implements `podrun logs`; see show_logs.hpp.
#include "supervisor/logs/show_logs.hpp"

#include <poll.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

#include <fmt/format.h>

#include "namespaces/kernel/fd.hpp"
#include "supervisor/core/console.hpp"

namespace podrun::supervisor {
namespace {

// The approximate size of the text that is passed to the writer at once.
constexpr std::size_t longest_text = 64 * 1024;

std::size_t longest_name(const std::vector<std::string>& names) {
  std::size_t longest = 0;
  for (const std::string& name : names) longest = std::max(longest, name.size());
  return longest;
}

// The records of all containers as text for the writer.
class LogView {
 public:
  LogView(const LogQuery& query, const LogWriter& write);

  // Goes to the position that the query asks for. False if there is no log (yet).
  Result<bool> begin();
  // Shows the records that exist now. False if the reader is gone.
  Result<bool> show();
  // Ends an unfinished line, unless lines are shown unchanged, and its colours.
  void end();
  // Adds inotify(7) watches for the containers' folders.
  Result<> watch(const Fd& inotify);

 private:
  Result<LogRecordReader*> oldest();
  bool write_text();

  const LogQuery& query_;
  const LogWriter& write_;
  const bool prefixed_;
  const bool onwards_;
  Screens screens_;
  std::vector<LogRecordReader> logs_;
  Stream stream_ = Stream::Out;
  std::string text_;
};

LogView::LogView(const LogQuery& query, const LogWriter& write)
    : query_(query),
      write_(write),
      prefixed_(query.prefix || query.containers.size() > 1),
      onwards_(query.follow && !query.selection.previous),
      screens_(query.display, prefixed_ ? longest_name(query.containers) : 0, query.timestamps) {
  for (std::size_t i = 0; i < query.containers.size(); ++i)
    logs_.emplace_back(std::make_shared<ns::DirectoryHandle>(query.folder->below(query.containers[i])),
                       query.containers[i], i);
}

Result<bool> LogView::begin() {
  bool any = false;
  for (LogRecordReader& log : logs_) any |= TRY(log.begin(query_.selection));
  return any;
}

Result<bool> LogView::show() {
  for (LogRecordReader& log : logs_) log.look_again();
  while (LogRecordReader* log = TRY(oldest())) {
    const Record& record = *TRY(log->peek(onwards_));
    if ((record.stream != stream_ || text_.size() > longest_text) && !write_text()) return false;
    stream_ = record.stream;
    screens_.of(stream_).append(text_, log->source(), record);
    log->pop();
  }
  return write_text();
}

void LogView::end() {
  for (const Stream stream : streams) {
    stream_ = stream;
    if (prefixed_) screens_.of(stream).end_line(text_);
    else screens_.of(stream).end_colours(text_);
    write_text();
  }
}

// The container whose next record is the oldest, or null if none has one now.
Result<LogRecordReader*> LogView::oldest() {
  LogRecordReader* oldest = nullptr;
  std::string_view time;
  for (LogRecordReader& log : logs_) {
    const Record* record = TRY(log.peek(onwards_));
    if (record == nullptr || (oldest != nullptr && record->time >= time)) continue;
    oldest = &log;
    time = record->time;
  }
  return oldest;
}

bool LogView::write_text() {
  return text_.empty() || write_(stream_, std::exchange(text_, {}));
}

// The folder of a container appears with its first instance, a file with each instance, and files grow.
Result<> watch_folder(const Fd& inotify, ns::DirectoryHandle& folder, std::uint32_t events) {
  if (folder.fd() < 0)
    if (const auto opened = folder.open(); !opened) return opened.error().number == ENOENT ? Result<>{} : opened;
  const std::string path = fmt::format("/proc/self/fd/{}", folder.fd());
  if (::inotify_add_watch(inotify.get(), path.c_str(), events) < 0) return fail_system(folder.path());
  return {};
}

void wait_for_news(const Fd& inotify, int pod) {
  std::array<pollfd, 2> fds = {{{inotify.get(), POLLIN, 0}, {pod, POLLIN, 0}}};
  while (::poll(fds.data(), fds.size(), -1) < 0 && errno == EINTR) continue;
  std::array<char, 4096> events;
  while (::read(inotify.get(), events.data(), events.size()) > 0) continue;
}

Result<> LogView::watch(const Fd& inotify) {
  for (LogRecordReader& log : logs_) TRY_VOID(watch_folder(inotify, log.folder(), IN_CREATE | IN_MODIFY));
  return {};
}

Result<> follow(const LogQuery& query, LogView& view, const PodWatch& watch) {
  const Fd inotify(::inotify_init1(IN_CLOEXEC | IN_NONBLOCK));
  if (!inotify) return fail_system("cannot watch the logs");
  while (true) {
    // The watches are added, and the pod's state is asked, before the logs are read: no change is missed in between.
    TRY_VOID(watch_folder(inotify, *query.folder, IN_CREATE));
    TRY_VOID(view.watch(inotify));
    const std::optional<int> pod = watch();
    if (!TRY(view.show()) || !pod) return {};
    wait_for_news(inotify, *pod);
  }
}

}  // namespace

bool OwnStreams::write(Stream stream, std::string_view text) {
  const bool out = stream == Stream::Out;
  if (write_all(out ? STDOUT_FILENO : STDERR_FILENO, text)) return true;
  if (result_ && errno != EPIPE) result_ = fail_system(out ? "standard output" : "standard error");
  return false;
}

std::vector<std::string> logged_containers(const ns::DirectoryHandle& folder) {
  std::vector<std::string> names = folder.names();
  std::erase_if(names, [&](const std::string& name) {
    struct stat status{};
    return ::fstatat(folder.fd(), name.c_str(), &status, AT_SYMLINK_NOFOLLOW) < 0 || !S_ISDIR(status.st_mode);
  });
  std::ranges::sort(names);
  return names;
}

Result<> show_logs(const LogQuery& query, const LogWriter& write, const PodWatch& watch) {
  LogView view(query, write);
  const bool any = TRY(view.begin());
  if (query.follow && !query.selection.previous) {
    TRY_VOID(follow(query, view, watch));
  } else if (any) {
    (void)TRY(view.show());
  } else {
    return fail(query.selection.previous ? "there is no earlier instance: the container has not been restarted"
                                         : "there is no log yet");
  }
  view.end();
  return {};
}

}  // namespace podrun::supervisor

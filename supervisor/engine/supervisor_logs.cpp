// Container output: from the pipes to the log files, from there to the terminal, and the removal of old files.
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "supervisor/core/clock.hpp"
#include "supervisor/core/log.hpp"
#include "supervisor/engine/supervisor.hpp"
#include "supervisor/logs/log_retention.hpp"

namespace podrun::supervisor {
namespace {

constexpr std::chrono::seconds log_retry{1};

bool is_same_file(int a, int b) {
  struct stat x {
  }, y{};
  return ::fstat(a, &x) == 0 && ::fstat(b, &y) == 0 && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

}  // namespace

/// Opens the folder of the run; the containers' folders are opened at first use.
void Supervisor::open_log_folders() {
  if (const auto opened = run_logs_.open(); !opened) log_warning("{}", opened.error().message);
  for (const pod::ContainerPlan& container : plan_.containers)
    log_folders_.push_back(std::make_shared<ns::DirectoryHandle>(run_logs_.below(container.name)));
}

/// Makes the log file of a new instance. If that fails, a starting pod does not start. A running pod continues without
/// a file, and dropped lines are counted. If another file has taken the folder's name, the open folder is used further.
Result<Fd> Supervisor::make_log_file(std::size_t index, int instance) {
  ns::DirectoryHandle& folder = *log_folders_[index];
  if (const auto there = folder.make(); !there && folder.fd() >= 0)
    log_warning("{}: log: {}: the log goes on in the folder that is open", plan_.containers[index].name,
                there.error().message);
  const std::string name = LogFile{.instance = static_cast<std::uint64_t>(instance)}.name();
  auto file = create_log_file(folder, name);
  while (!file && file.error().number == ENOSPC && make_room()) file = create_log_file(folder, name);
  return file || !started(record_.status) ? std::move(file) : missing_log_file();
}

LogPumpCallbacks Supervisor::log_pump_callbacks(std::size_t index) {
  return {.clock = wall_now,
          .keep =
              [this, index](const LogDescriptors& log) {
                remove_surplus_logs(index);
                return keep(index, log);
              },
          .make_room = [this] { return make_room(); }};
}

/// Has the pause hold all descriptors of an instance, in place of those that it held before. `gate`: see Registration.
Result<> Supervisor::keep(std::size_t index, const LogDescriptors& log, int gate) {
  const Instance& instance = instances_[index];
  ns::Registration child{.name = plan_.containers[index].name,
                         .instance = instance.number,
                         .pid = instance.process.pid,
                         .fds = log.roles(),
                         .gate = gate};
  child.fds.push_back({ns::Role::Process, instance.process.pidfd.get()});
  child.fds.push_back({ns::Role::Report, instance.report.get()});
  child.fds.push_back({ns::Role::Displayed, shown_[index].place.fd()});
  if (instance.input) child.fds.push_back({ns::Role::Input, instance.input.get()});
  return pause_.register_child(child);
}

// ---- from the pipes to the log files ----

void Supervisor::watch_output(std::size_t index) {
  Instance& instance = instances_[index];
  const LogDescriptors& log = instance.log->descriptors();
  auto out = loop_.watch(log.out.get(), EPOLLIN, [this, index] { on_output(index, Stream::Out); });
  auto err = loop_.watch(log.err.get(), EPOLLIN, [this, index] { on_output(index, Stream::Err); });
  if (out) instance.out_watch = std::move(*out);
  if (err) instance.err_watch = std::move(*err);
}

void Supervisor::on_output(std::size_t index, Stream stream) {
  Instance& instance = instances_[index];
  const auto pumped = instance.log->pump(stream);
  if (!pumped) return on_pump_failed(index, pumped.error());
  if (pumped->end) (stream == Stream::Out ? instance.out_watch : instance.err_watch).reset();
  log_write_trouble(index);
  notify_attached(index);
  show(index);
}

/// Handles an error other than a full disk: the batch stays in the journal pipe, and the container's writes will block.
void Supervisor::on_pump_failed(std::size_t index, const Error& error) {
  Instance& instance = instances_[index];
  log_warning("{}: log: {}", plan_.containers[index].name, error.message);
  instance.out_watch.reset();
  instance.err_watch.reset();
  auto retry = loop_.at(boot_now() + log_retry, [this, index] { watch_output(index); });
  if (retry) instance.retry = std::move(*retry);
}

/// Writes the remaining output of an instance that has ended.
void Supervisor::drain_log(std::size_t index) {
  const std::string& name = plan_.containers[index].name;
  LogPump& log = *instances_[index].log;
  if (auto drained = log.drain(); !drained) log_warning("{}: log: {}", name, drained.error().message);
  if (log.dropped() > 0) log_warning("{}: {} of its last lines are lost", name, log.dropped());
  show(index);
}

/// Logs once that a log cannot be written, and once that it can be again.
void Supervisor::log_write_trouble(std::size_t index) {
  Instance& instance = instances_[index];
  const std::optional<Error>& trouble = instance.log->trouble();
  if (instance.log_in_trouble == trouble.has_value()) return;
  instance.log_in_trouble = trouble.has_value();
  const std::string& name = plan_.containers[index].name;
  if (trouble)
    log_warning("{}: log: {}: lines are dropped until it can be written", name, trouble->message);
  else
    log_info("{}: log: it can be written again", name);
}

// ---- from the log files to the terminal ----

/// Begins with the container's first instance. The output of later instances follows that of the earlier ones.
void Supervisor::begin_showing(std::size_t index) {
  if (shown_[index].place) return;
  const auto instance = static_cast<std::uint64_t>(instances_[index].number);
  auto file = log_folders_[index]->open_file(LogFile{.instance = instance}.name());
  if (!file) file = missing_log_file();
  shown_[index].place = LogCursor(log_folders_[index], std::move(file).value_or(Fd()), instance);
}

/// Shows new lines of a container's log. False: the rest is shown when the terminal can be written to.
bool Supervisor::show(std::size_t index) {
  if (!terminal_ || !shown_[index].place) return true;
  report_skipped_bytes(index);
  const LogCursor& place = shown_[index].place;
  const std::string name = record_.prefix + plan_.containers[index].name;
  while (terminal_->show({.name = name, .index = index, .instance = place.instance()}, place.fd()))
    if (!show_next_file(index)) return true;
  wait_for_terminal();
  return false;
}

/// Steps to the next log file after one was shown completely. False if there is none.
bool Supervisor::show_next_file(std::size_t index) {
  const Instance& instance = instances_[index];
  LogCursor& place = shown_[index].place;
  if (instance.log && is_same_file(place.fd(), instance.log->descriptors().file.get())) return false;
  auto next = place.next();
  if (!next || !*next) return false;
  place = std::move(*next);
  if (instance.log) (void)keep(index, instance.log->descriptors());
  return true;
}

/// Reports lines that were removed before the terminal could show them.
void Supervisor::report_skipped_bytes(std::size_t index) {
  off_t& skipped = shown_[index].skipped;
  if (skipped == 0 || std::ranges::any_of(terminal_watches_, [](const EventSource& watch) { return bool(watch); }))
    return;
  log_warning("{}: {:.1f} MiB of its log had to be removed before they could be shown",
              plan_.containers[index].name, static_cast<double>(std::exchange(skipped, 0)) / (1 << 20));
}

bool Supervisor::show_all() {
  bool all = true;
  for (std::size_t index = 0; index < instances_.size(); ++index) all &= show(index);
  return all;
}

void Supervisor::wait_for_terminal() {
  const auto go_on = [this] {
    for (EventSource& watch : terminal_watches_) watch.reset();
    if (show_all() && record_.status.progress.finished) try_to_leave();
  };
  for (const Stream stream : streams) {
    EventSource& watch = terminal_watches_[static_cast<std::size_t>(stream)];
    const int blocked = terminal_->blocked_fd(stream);
    if (watch || blocked < 0) continue;
    auto watched = loop_.watch(blocked, EPOLLOUT, go_on);
    if (!watched) watched = loop_.soon(go_on);  // a regular file cannot be polled, and never blocks
    if (watched) watch = std::move(*watched);
  }
}

// ---- removal of log files: at most 10 MiB each, so it does not take long ----

void Supervisor::remove_surplus_logs(std::size_t index) {
  for (const LogFileStat& log : surplus_logs(find_logs(*log_folders_[index]))) remove_log(index, log);
}

/// Makes room on a full disk: removes the file that was rotated first. False: there is none.
bool Supervisor::make_room() {
  struct Oldest {
    std::size_t index = 0;
    LogFileStat log;
  };
  std::optional<Oldest> oldest;
  for (std::size_t index = 0; index < instances_.size(); ++index)
    for (const LogFileStat& log : find_logs(*log_folders_[index]))
      if (!log.file.rotated.empty() && (!oldest || log.file.rotated < oldest->log.file.rotated))
        oldest = {.index = index, .log = log};
  if (!oldest) return false;
  // Truncated first: a reader, or for a moment the pause, may have the file open, which would keep its disk space.
  if (const auto file = log_folders_[oldest->index]->open_file(oldest->log.file.name(), O_WRONLY))
    (void)!::ftruncate(file->get(), 0);
  return remove_log(oldest->index, oldest->log);
}

/// Removes a log file. False if that fails. A cursor in the file is moved to the next file, because an open file would
/// keep its disk space.
bool Supervisor::remove_log(std::size_t index, const LogFileStat& log) {
  LogCursor& place = shown_[index].place;
  off_t unshown = place.is_before(log) ? log.size : 0;
  if (place.is_in(log)) {
    unshown = log.size - ::lseek(place.fd(), 0, SEEK_CUR);
    if (auto next = place.next(); next && *next) place = std::move(*next);
    if (instances_[index].log) (void)keep(index, instances_[index].log->descriptors());
  }
  if (::unlinkat(log_folders_[index]->fd(), log.file.name().c_str(), 0) < 0) return false;
  if (terminal_) shown_[index].skipped += unshown;
  return true;
}

}  // namespace podrun::supervisor

// The output of one container.
#include "supervisor/engine/container_log.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <utility>

#include "supervisor/core/clock.hpp"
#include "supervisor/core/log.hpp"
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

ContainerLog::ContainerLog(PodContext& pod, LogService& service, std::size_t container, ContainerLogOwner owner)
    : pod_(pod),
      service_(service),
      container_(container),
      owner_(std::move(owner)),
      folder_(std::make_shared<ns::DirectoryHandle>(service.folder().below(name()))) {
  service.add(*this);
}

Result<NewLog> ContainerLog::make(int instance) {
  if (const auto there = folder_->make(); !there && folder_->fd() >= 0)
    log_warning("{}: log: {}: new lines go to the folder that was opened before", name(), there.error().message);
  const std::string file_name = LogFile{.instance = static_cast<std::uint64_t>(instance)}.name();
  auto file = create_log_file(*folder_, file_name);
  while (!file && file.error().number == ENOSPC && service_.make_room()) file = create_log_file(*folder_, file_name);
  if (!file && started(pod_.record.status, roles_of(pod_.record))) file = missing_log_file();
  return create_log(TRY(std::move(file)));
}

void ContainerLog::begin_display(int instance) {
  if (displayed_) return;
  const auto number = static_cast<std::uint64_t>(instance);
  auto file = folder_->open_file(LogFile{.instance = number}.name());
  if (!file) file = missing_log_file();
  displayed_ = LogCursor(folder_, std::move(file).value_or(Fd()), number);
}

void ContainerLog::begin(LogDescriptors descriptors, int instance) {
  instance_ = static_cast<std::uint64_t>(instance);
  pump_.emplace(std::move(descriptors), folder_, instance_,
                LogPumpCallbacks{.clock = wall_now,
                                 .keep = [this](const LogDescriptors& log) { return keep(log); },
                                 .make_room = [this] { return service_.make_room(); }});
  if (auto ready = pump_->recover(); !ready) log_warning("{}: log: {}", name(), ready.error().message);
  report_write_trouble();
}

Result<> ContainerLog::adopt(ns::KeptItem& child) {
  if (const auto opened = folder_->open(); !opened) log_warning("{}: log: {}", name(), opened.error().message);
  displayed_ = LogCursor(folder_, child.take(ns::Role::Displayed));
  begin(TRY(LogDescriptors::from(child)), child.instance);
  return {};
}

/// Old files are removed when the pause holds the new one, so that an attempt that fails costs no lines. It is tried
/// again with each batch, but said once.
Result<> ContainerLog::keep(const LogDescriptors& log) {
  auto kept = owner_.keep(log);
  if (kept) remove_surplus();
  if (!kept && !is_refused_) log_warning("{}: log: {}: its file grows meanwhile", name(), kept.error().message);
  is_refused_ = !kept;
  return kept;
}

// ---- from the pipes to the log files ----

void ContainerLog::watch() {
  const LogDescriptors& log = pump_->descriptors();
  auto out = pod_.loop.watch(log.out.get(), EPOLLIN, [this] { on_output(Stream::Out); });
  auto err = pod_.loop.watch(log.err.get(), EPOLLIN, [this] { on_output(Stream::Err); });
  if (out) out_watch_ = std::move(*out);
  if (err) err_watch_ = std::move(*err);
}

void ContainerLog::on_output(Stream stream) {
  const auto pumped = pump_->pump(stream);
  if (!pumped) return on_pump_failed(pumped.error());
  if (pumped->end) (stream == Stream::Out ? out_watch_ : err_watch_).reset();
  report_write_trouble();
  owner_.grown();
  show();
}

/// Handles an error other than a full disk: the batch stays in the journal pipe, and the container's writes will block.
void ContainerLog::on_pump_failed(const Error& error) {
  log_warning("{}: log: {}", name(), error.message);
  out_watch_.reset();
  err_watch_.reset();
  auto retry = pod_.loop.at(boot_now() + log_retry, [this] { watch(); });
  if (retry) retry_ = std::move(*retry);
}

void ContainerLog::drain() {
  if (!pump_) return;
  if (auto drained = pump_->drain(); !drained) log_warning("{}: log: {}", name(), drained.error().message);
  if (pump_->dropped() > 0) log_warning("{}: {} of its last lines are lost", name(), pump_->dropped());
  show();
}

/// The watches are removed before the descriptors are closed. The pause holds the same descriptors, so epoll would go on
/// reporting events.
void ContainerLog::end() {
  out_watch_.reset();
  err_watch_.reset();
  retry_.reset();
  pump_.reset();
  in_trouble_ = false;
}

LogPosition ContainerLog::position() const {
  struct stat file {};
  if (!pump_ || ::fstat(pump_->descriptors().file.get(), &file) < 0) return {};
  return {.instance = instance_, .inode = file.st_ino, .committed = pump_->committed()};
}

/// Logs once that a log cannot be written, and once that it can be again.
void ContainerLog::report_write_trouble() {
  const std::optional<Error>& trouble = pump_->trouble();
  if (in_trouble_ == trouble.has_value()) return;
  in_trouble_ = trouble.has_value();
  if (trouble)
    log_warning("{}: log: {}: lines are dropped until it can be written", name(), trouble->message);
  else
    log_info("{}: log: it can be written again", name());
}

// ---- from the log files to the terminal ----

bool ContainerLog::show() {
  ForegroundTerminal* const terminal = service_.terminal();
  if (terminal == nullptr || !displayed_) return true;
  report_skipped_bytes();
  const std::string shown_name = pod_.record.prefix + name();
  while (terminal->show({.name = shown_name, .index = container_, .instance = displayed_.instance()}, displayed_.fd()))
    if (!show_next_file()) return true;
  service_.wait_for_terminal();
  return false;
}

/// Steps to the next log file after one was shown completely. False if there is none.
bool ContainerLog::show_next_file() {
  if (pump_ && is_same_file(displayed_.fd(), pump_->descriptors().file.get())) return false;
  auto next = displayed_.next();
  if (!next || !*next) return false;
  displayed_ = std::move(*next);
  if (pump_) (void)owner_.keep(pump_->descriptors());
  return true;
}

/// Reports lines that were removed before the terminal could show them.
void ContainerLog::report_skipped_bytes() {
  if (skipped_ == 0 || service_.waits_for_terminal()) return;
  log_warning("{}: {:.1f} MiB of its log had to be removed before they could be shown", name(),
              static_cast<double>(std::exchange(skipped_, 0)) / (1 << 20));
}

// ---- removal of log files: at most 10 MiB each, so it does not take long ----

void ContainerLog::remove_surplus() {
  for (const LogFileStat& log : surplus_logs(find_logs(*folder_))) remove(log);
}

bool ContainerLog::remove(const LogFileStat& log) {
  off_t unshown = displayed_.is_before(log) ? log.size : 0;
  if (displayed_.is_in(log)) {
    unshown = log.size - ::lseek(displayed_.fd(), 0, SEEK_CUR);
    if (auto next = displayed_.next(); next && *next) displayed_ = std::move(*next);
    if (pump_) (void)owner_.keep(pump_->descriptors());
  }
  if (::unlinkat(folder_->fd(), log.file.name().c_str(), 0) < 0) return false;
  if (service_.terminal() != nullptr) skipped_ += unshown;
  return true;
}

}  // namespace podrun::supervisor

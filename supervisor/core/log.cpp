// podrun's own messages: the one door to spdlog.
#include "supervisor/core/log.hpp"

#include <sys/stat.h>
#include <syslog.h>
#define SD_JOURNAL_SUPPRESS_LOCATION  // every message would come from the same line of ours
#include <systemd/sd-journal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <memory>

#include <spdlog/details/null_mutex.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include "supervisor/core/console.hpp"

namespace podrun::supervisor {
namespace {

/// Lines to a function: the foreground's terminal, which drops what would block.
class FunctionSink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit FunctionSink(std::function<void(std::string_view)> write) : write_(std::move(write)) {}

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    write_({line.data(), line.size()});
  }
  void flush_() override {}

  std::function<void(std::string_view)> write_;
};

/// Messages to the journal, with the pod as a field to search by: `journalctl POD=default_web`.
class JournalSink : public spdlog::sinks::base_sink<spdlog::details::null_mutex> {
 public:
  explicit JournalSink(std::string pod_id) : pod_id_(std::move(pod_id)) {}

 private:
  static int priority(spdlog::level::level_enum level) {
    return level >= spdlog::level::err ? LOG_ERR : level == spdlog::level::warn ? LOG_WARNING : LOG_INFO;
  }
  void sink_it_(const spdlog::details::log_msg& message) override {
    std::array<std::string, 4> fields{fmt::format("MESSAGE={}", message.payload),
                                      fmt::format("PRIORITY={}", priority(message.level)),
                                      fmt::format("POD={}", pod_id_), "SYSLOG_IDENTIFIER=podrun"};
    std::array<iovec, fields.size()> entries;
    std::ranges::transform(fields, entries.begin(), [](std::string& field) {
      return iovec{field.data(), field.size()};
    });
    sd_journal_sendv(entries.data(), static_cast<int>(entries.size()));
  }
  void flush_() override {}

  std::string pod_id_;
};

std::unique_ptr<spdlog::logger>& logger() {
  static std::unique_ptr<spdlog::logger> instance;
  return instance;
}

std::shared_ptr<spdlog::sinks::sink> make_sink(LogTarget target, const std::string& pod_id,
                                               std::function<void(std::string_view)> write) {
  switch (target) {
    case LogTarget::Terminal: return std::make_shared<FunctionSink>(std::move(write));
    case LogTarget::File: return std::make_shared<spdlog::sinks::stderr_sink_st>();
    case LogTarget::Journal: return std::make_shared<JournalSink>(pod_id);
  }
  return nullptr;
}

spdlog::level::level_enum level_of(Severity severity) {
  switch (severity) {
    case Severity::Info: return spdlog::level::info;
    case Severity::Warning: return spdlog::level::warn;
    case Severity::Error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

}  // namespace

void set_up_log(LogTarget target, const LogIdentity& speaker, std::function<void(std::string_view)> write) {
  auto made = std::make_unique<spdlog::logger>("podrun", make_sink(target, speaker.pod_id, std::move(write)));
  const std::string_view pod = std::string_view(speaker.prefix).substr(0, speaker.prefix.find('/'));
  if (target == LogTarget::File)
    made->set_pattern("%Y-%m-%dT%H:%M:%S.%FZ %l %v", spdlog::pattern_time_type::utc);
  else
    made->set_formatter(std::make_unique<spdlog::pattern_formatter>(
        pod.empty() ? "podrun: %v" : fmt::format("podrun: {}: %v", pod), spdlog::pattern_time_type::local, ""));
  logger() = std::move(made);
}

bool stderr_is_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status{};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &status) < 0) return false;
  return fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

void log_line(Severity severity, const std::string& text) {
  if (logger()) logger()->log(level_of(severity), "{}", text);
  else note(text);
}

}  // namespace podrun::supervisor

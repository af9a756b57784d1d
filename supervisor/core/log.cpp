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

#include <spdlog/details/log_msg.h>
#include <spdlog/sinks/sink.h>

#include "supervisor/core/clock.hpp"
#include "supervisor/core/console.hpp"

namespace podrun::supervisor {
namespace {

/// A sink that makes its lines itself. spdlog's logger and its formatter of patterns take five seconds to compile, and
/// podrun has one sink and two forms of a line.
class PlainSink : public spdlog::sinks::sink {
  void flush() override {}
  void set_pattern(const std::string& /*pattern*/) override {}
  void set_formatter(std::unique_ptr<spdlog::formatter> /*formatter*/) override {}
};

/// Lines to a function: the foreground's terminal, which drops what would block.
class FunctionSink : public PlainSink {
 public:
  FunctionSink(std::string beginning, std::function<void(std::string_view)> write)
      : beginning_(std::move(beginning)), write_(std::move(write)) {}

  void log(const spdlog::details::log_msg& message) override {
    write_(fmt::format("{}{}", beginning_, message.payload));
  }

 private:
  std::string beginning_;  // "podrun: ", of one of several pods "podrun: web: "
  std::function<void(std::string_view)> write_;
};

/// Lines with a time stamp and the level's name to stderr, which is a file.
class FileSink : public PlainSink {
 public:
  void log(const spdlog::details::log_msg& message) override {
    const auto& level = spdlog::level::to_string_view(message.level);
    const std::string line = fmt::format("{} {} {}\n", rfc3339(message.time), level, message.payload);
    std::fwrite(line.data(), 1, line.size(), stderr);
    std::fflush(stderr);
  }
};

/// Messages to the journal, with the pod as a field to search by: `journalctl POD=default_web`.
class JournalSink : public PlainSink {
 public:
  explicit JournalSink(std::string pod_id) : pod_id_(std::move(pod_id)) {}

  void log(const spdlog::details::log_msg& message) override {
    std::array<std::string, 4> fields{fmt::format("MESSAGE={}", message.payload),
                                      fmt::format("PRIORITY={}", priority(message.level)),
                                      fmt::format("POD={}", pod_id_), "SYSLOG_IDENTIFIER=podrun"};
    std::array<iovec, fields.size()> entries;
    std::ranges::transform(fields, entries.begin(), [](std::string& field) {
      return iovec{field.data(), field.size()};
    });
    sd_journal_sendv(entries.data(), static_cast<int>(entries.size()));
  }

 private:
  static int priority(spdlog::level::level_enum level) {
    return level >= spdlog::level::err ? LOG_ERR : level == spdlog::level::warn ? LOG_WARNING : LOG_INFO;
  }

  std::string pod_id_;
};

std::unique_ptr<spdlog::sinks::sink>& sink() {
  static std::unique_ptr<spdlog::sinks::sink> instance;
  return instance;
}

std::unique_ptr<spdlog::sinks::sink> make_sink(LogTarget target, const LogIdentity& speaker,
                                               std::function<void(std::string_view)> write) {
  const std::string_view pod = std::string_view(speaker.prefix).substr(0, speaker.prefix.find('/'));
  switch (target) {
    case LogTarget::Terminal:
      return std::make_unique<FunctionSink>(pod.empty() ? "podrun: " : fmt::format("podrun: {}: ", pod),
                                            std::move(write));
    case LogTarget::File: return std::make_unique<FileSink>();
    case LogTarget::Journal: return std::make_unique<JournalSink>(speaker.pod_id);
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
  sink() = make_sink(target, speaker, std::move(write));
}

bool stderr_is_journal() {
  const char* stream = std::getenv("JOURNAL_STREAM");
  struct stat status{};
  if (stream == nullptr || ::fstat(STDERR_FILENO, &status) < 0) return false;
  return fmt::format("{}:{}", status.st_dev, status.st_ino) == stream;
}

void log_line(Severity severity, const std::string& text) {
  if (sink()) sink()->log({"podrun", level_of(severity), text});
  else note(text);
}

}  // namespace podrun::supervisor

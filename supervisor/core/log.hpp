// podrun's own messages. This header is the only access to spdlog. Container output does not go through it.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace podrun::supervisor {

/// The destination of messages.
enum class LogTarget {
  Terminal,  ///< "podrun: …", or "podrun: web: …" of one pod among several; passed to a function that never blocks
  File,      ///< with a time stamp, to stderr, which is podrun.log under -d
  Journal,   ///< to the journal, with POD= as a field: sd_journal_send(3)
};

/// The pod that messages are about.
struct LogIdentity {
  std::string pod_id;
  std::string prefix = "";  ///< PodRecord::prefix, for Terminal
};

/// Sets up the logger of the process. `write` is used with Terminal: it gets one line without its newline.
void set_up_log(LogTarget target, const LogIdentity& speaker, std::function<void(std::string_view)> write);

/// Whether descriptor 2 is the stream of the journal: $JOURNAL_STREAM, systemd.exec(5).
bool stderr_is_journal();

/// The severity of a message.
enum class Severity { Info, Warning, Error };
/// Logs a message.
void log_line(Severity severity, const std::string& text);

template <typename... Arguments>
void log_info(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  log_line(Severity::Info, fmt::format(format, std::forward<Arguments>(arguments)...));
}
template <typename... Arguments>
void log_warning(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  log_line(Severity::Warning, fmt::format(format, std::forward<Arguments>(arguments)...));
}
template <typename... Arguments>
void log_error(fmt::format_string<Arguments...> format, Arguments&&... arguments) {
  log_line(Severity::Error, fmt::format(format, std::forward<Arguments>(arguments)...));
}

}  // namespace podrun::supervisor

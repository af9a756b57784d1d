// podrun's own messages: the one door to spdlog. Container output never goes through here.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace podrun::supervisor {

/// Where messages go.
enum class LogTarget {
  Terminal,  ///< "podrun: …", of one of several pods "podrun: web: …", handed to a function that never blocks
  File,      ///< with a time stamp, to stderr, which -d has made podrun.log
  Journal,   ///< stderr is the journal: sent to it with POD= as a field, sd_journal_send(3)
};

/// Whose messages they are.
struct LogIdentity {
  std::string pod_id;
  std::string prefix = "";  ///< PodRecord::prefix, for Terminal
};

/// Sets up the process's logger. `write` is used for Terminal: it gets one line without its newline.
void set_up_log(LogTarget target, const LogIdentity& speaker, std::function<void(std::string_view)> write);

/// Whether descriptor 2 is the journal's stream: $JOURNAL_STREAM, systemd.exec(5).
bool stderr_is_journal();

enum class Severity { Info, Warning, Error };
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

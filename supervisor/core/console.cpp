// Output of commands to stdout and stderr.
#include "supervisor/core/console.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include <fmt/format.h>

#include "supervisor/core/terminal_text.hpp"

namespace podrun::supervisor {

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = ::write(fd, text.data(), text.size());
    if (written >= 0) {
      text.remove_prefix(static_cast<std::size_t>(written));
    } else if (errno == EAGAIN) {  // the caller has made its stream non-blocking
      pollfd writable{.fd = fd, .events = POLLOUT, .revents = 0};
      ::poll(&writable, 1, -1);
    } else if (errno != EINTR) {
      return false;
    }
  }
  return true;
}

namespace {

/// On a terminal, writes the text without control sequences: names, quotes and messages may come from containers or
/// manifests.
bool show(int fd, std::string_view text) {
  return write_all(fd, ::isatty(fd) == 1 ? text_for_terminal(text) : text);
}

}  // namespace

ExitStatus print(std::string_view text) {
  if (show(STDOUT_FILENO, text) || errno == EPIPE) return ExitStatus::Succeeded;
  return report_error(ExitStatus::Failed, fmt::format("standard output: {}", ::strerror(errno)));
}

void note(std::string_view sentence) {
  show(STDERR_FILENO, fmt::format("podrun: {}\n", sentence));
}

void warn(std::string_view text) { show(STDERR_FILENO, text); }

ExitStatus report_error(ExitStatus status, std::string_view sentence) {
  note(sentence);
  return status;
}

ExitStatus report_error(const CommandError& command_error) {
  show(STDERR_FILENO, command_error.text);
  return command_error.status;
}

ExitStatus report_errors(const std::vector<CommandError>& errors) {
  ExitStatus status = ExitStatus::Succeeded;
  for (const CommandError& error : errors) status = greatest(status, report_error(error));
  return status;
}

}  // namespace podrun::supervisor

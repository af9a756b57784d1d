// What verbs tell their caller.
#include "supervisor/commands/say.hpp"

#include <poll.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include <fmt/format.h>

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

ExitStatus print(std::string_view text) {
  if (write_all(STDOUT_FILENO, text) || errno == EPIPE) return ExitStatus::Succeeded;
  return complain(ExitStatus::Failed, fmt::format("standard output: {}", ::strerror(errno)));
}

void note(std::string_view sentence) {
  write_all(STDERR_FILENO, fmt::format("podrun: {}\n", sentence));
}

void warn(std::string_view text) { write_all(STDERR_FILENO, text); }

ExitStatus complain(ExitStatus status, std::string_view sentence) {
  note(sentence);
  return status;
}

ExitStatus complain(const Refusal& refusal) {
  write_all(STDERR_FILENO, refusal.text);
  return refusal.status;
}

}  // namespace podrun::supervisor

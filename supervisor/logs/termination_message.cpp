// The termination message of a container.
#include "supervisor/logs/termination_message.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "namespaces/paths/regular_file.hpp"
#include "supervisor/logs/log_screen.hpp"

namespace podrun::supervisor {
namespace {

// The limits of the kubelet.
constexpr std::size_t longest_of_file = 4096, longest_of_log = 2048, longest_of_pod = 12 * 1024;
constexpr int most_lines = 80;

/// How many bytes of a log are read: enough for 80 short records, or for one of the largest size and its neighbours.
constexpr std::size_t longest_read = 2 * longest_record;

std::string_view last(std::string_view text, std::size_t most) {
  return text.size() > most ? text.substr(text.size() - most) : text;
}

/// The offset of the last `most_lines` lines.
std::size_t begin_of_last_lines(std::string_view text) {
  std::size_t begin = text.size();
  for (int line = 0; line < most_lines && begin > 0; ++line) {
    const std::size_t newline = begin > 1 ? text.rfind('\n', begin - 2) : text.npos;
    begin = newline == text.npos ? 0 : newline + 1;
  }
  return begin;
}

std::string read_log(int file) {
  struct stat status{};
  if (::fstat(file, &status) < 0) return "";
  std::string text(std::min(longest_read, static_cast<std::size_t>(status.st_size)), '\0');
  const ssize_t length = ::pread(file, text.data(), text.size(), status.st_size - static_cast<off_t>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<ssize_t>(length, 0)));
  std::string_view lines = text;
  if (lines.size() == longest_read) (void)cut_line(lines);  // the rest of a line whose beginning was not read
  return end_of_log(lines);
}

}  // namespace

std::string end_of_log(std::string_view log) {
  log.remove_prefix(begin_of_last_lines(log));
  Screen screen;
  std::string text;
  while (!log.empty()) screen.append(text, {.name = "", .index = 0, .instance = 0}, record_or_text(cut_line(log)));
  return std::string(last(text, longest_of_log));
}

std::string termination_message(const TerminationMessageSource& words, int exit_code) {
  std::string message = words.file.empty() ? "" : ns::read_file_tail(words.file, longest_of_file).value_or("");
  const bool falls_back = words.policy == pod::TerminationMessagePolicy::FallbackToLogsOnError && exit_code != 0;
  if (message.empty() && falls_back) message = read_log(words.log);
  message.resize(std::min(message.size(), longest_of_pod / std::max<std::size_t>(words.containers, 1)));
  return message;
}

}  // namespace podrun::supervisor

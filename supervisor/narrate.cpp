// The pod's life in words.
#include "supervisor/narrate.hpp"

#include <fmt/format.h>

#include "pod/text.hpp"

namespace podrun::supervisor {
namespace {

/// The last line of what the container had to say, as far as a line has room for it: of the end of a log it is the one that
/// tells what went wrong.
std::string last_words(std::string_view message) {
  constexpr std::string_view blanks = " \t\r\n";
  const std::size_t last = message.find_last_not_of(blanks);
  if (last == message.npos) return "";
  message = message.substr(0, last + 1);
  message.remove_prefix(message.find_last_of("\r\n") + 1);  // npos + 1 is 0
  message.remove_prefix(message.find_first_not_of(blanks));
  return ": " + pod::in_quotes(message);
}

std::string end_of(const Termination& end) {
  if (end.reason == "StartError") return fmt::format("did not start: {}", end.message);
  const std::string words = last_words(end.message);
  if (end.exit_code > 128)
    return fmt::format("ended by signal {} (exit code {}){}", end.exit_code - 128, end.exit_code, words);
  return fmt::format("exited with {}{}", end.exit_code, words);
}

std::string what_next(const ContainerStatus& after, BootTime now) {
  switch (after.state) {
    case ContainerState::Starting: return fmt::format("; restart {} now", after.restart_count);
    case ContainerState::Backoff: {
      const auto wait = after.deadline.value_or(now) - now;
      return fmt::format("; back-off, restart {} in {}", after.restart_count + 1,
                         human_duration(std::max(wait, std::chrono::nanoseconds{0})));
    }
    case ContainerState::Waiting:
    case ContainerState::Running:
    case ContainerState::Stopping:
    case ContainerState::Killing:
    case ContainerState::Completed:
    case ContainerState::Failed: return "";
  }
  return "";
}

}  // namespace

std::string human_duration(std::chrono::nanoseconds duration) {
  using namespace std::chrono;
  if (duration < 1s) return fmt::format("{}ms", ceil<milliseconds>(duration).count());
  const auto seconds_left = round<seconds>(duration).count();
  if (seconds_left < 60) return fmt::format("{}s", seconds_left);
  const auto rest = seconds_left % 60;
  return rest == 0 ? fmt::format("{}m", seconds_left / 60) : fmt::format("{}m{}s", seconds_left / 60, rest);
}

std::string narrate(const std::string& name, const ContainerStatus& before, const ContainerStatus& after, BootTime now) {
  if (after.last != before.last && after.last) return name + ": " + end_of(*after.last) + what_next(after, now);
  if (after.state == before.state) return "";
  if (after.state == ContainerState::Stopping) return name + ": asked to end (TERM)";
  if (after.state == ContainerState::Killing) return name + ": killed (KILL)";
  return "";
}

}  // namespace podrun::supervisor
